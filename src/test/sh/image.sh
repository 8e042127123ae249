#!/usr/bin/env bash
# What a container engine would do with the Dockerfile's steps, by mounts and chroot; needs root. What it mounts is seen
# by itself only, and gone when it ends.
#
#   image.sh build ROOT WORKDIR COMMAND       a RUN step, in a root of this machine's programs with ROOT's /opt, /src, /data
#   image.sh base ROOT                        puts into ROOT what a base image would hold: the libraries ROOT's Java needs
#   image.sh run ROOT DATA USER COMMAND ...   as that user, everything read-only but /tmp and DATA, with this environment
set -euo pipefail
action=$1
root=$2
shift 2

if [ "$action" != base ] && [ "${IN_NAMESPACE:-}" != yes ]; then
  IN_NAMESPACE=yes exec unshare --mount --propagation private -- bash "$0" "$action" "$root" "$@"
fi
unset IN_NAMESPACE

case $action in
  build)
    workdir=$1
    for there in usr lib lib64 bin sbin etc proc dev "${JAVA_HOME#/}"; do
      if [ -L "/$there" ]; then
        cp -P "/$there" "$root/"
      elif [ -d "/$there" ] && [ ! -e "$root/$there/." ]; then
        mkdir -p "$root/$there"
        mount --rbind "/$there" "$root/$there"
      fi
    done
    mkdir -p "$root/tmp"
    mount -t tmpfs tmpfs "$root/tmp"
    exec chroot "$root" bash -c "cd '$workdir' && $2"
    ;;
  base)
    find "$root" -type f \( -name '*.so' -o -path '*/bin/java' \) -exec ldd {} + |
      awk '$2 == "=>" { print $3 } NF == 2 && $2 ~ /^\(/ { print $1 }' | grep ^/ | sort -u | while read -r library; do
      case $library in
        "$root"*) ;;
        *) install -D -m 0755 "$(readlink -f "$library")" "$root$library" ;;
      esac
    done
    mkdir -p "$root/tmp" "$root/proc" "$root/dev"
    ;;
  run)
    data=$1
    user=$2
    shift 2
    mount --bind "$root" "$root"
    mount -o remount,bind,ro "$root"
    mount --bind "$data" "$root/var/lib/mlflow-exporter"
    mount -t tmpfs tmpfs "$root/tmp"
    mount --rbind /proc "$root/proc"
    mount --rbind /dev "$root/dev"
    exec setpriv --no-new-privs chroot --userspec="$user" "$root" "$@"
    ;;
esac
