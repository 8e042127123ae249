#!/usr/bin/env bash
# Makes what the image holds of a jar: a Java runtime of only the modules it needs, the jar, and an archive of its
# classes, loaded and verified once here instead of at every start. The Dockerfile and the image's test both run this.
#
#   build.sh JAR DIRECTORY
#
# DIRECTORY is where it will be run from: the archive holds for that path only.
set -euo pipefail
jar=$1
home=$2
here=$(cd "$(dirname "$0")" && pwd)
jlink=${JAVA_HOME:+$JAVA_HOME/bin/}jlink
# What training takes; it ends within seconds.
limit_seconds=120

# By hand, since jdeps also finds what libraries use only where it is there (java.desktop and others, 15 MB).
modules=java.base,java.logging,java.management,java.naming,java.net.http,java.xml
modules+=,jdk.crypto.ec,jdk.httpserver,jdk.management,jdk.unsupported

mkdir -p "$home"
rm -rf "$home/runtime"
# Its libraries stay as the vendor built them: stripping them would need binutils.
"$jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages --output "$home/runtime"
install -m 0644 "$here/jvm.options" "$home/jvm.options"
install -m 0644 "$jar" "$home/mlflow-exporter.jar"
# The archive checks the jar's time; one that does not depend on the build survives tools that set all times alike.
touch -d "@${SOURCE_DATE_EPOCH:-1767225600}" "$home/mlflow-exporter.jar"

java=$home/runtime/bin/java
"$java" -XX:+UseSerialGC -Xshare:dump >/dev/null
flags=$(grep -v -e '^#' -e SharedArchiveFile "$here/jvm.options")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# GET from a port of loopback, without a program for it.
get() {
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAccept: %s\r\nAccept-Encoding: %s\r\nConnection: close\r\n\r\n' \
    "$2" "$1" "$3" "$4" >&3
  cat <&3 >"$work/answer"
  exec 3>&-
  head -n 1 "$work/answer" | tr -d '\r' | cut -d ' ' -f 2
}

printed() {
  sed -n "s|.*$1 is served on port ||p" "$work/log"
}

: >"$work/log"
# The demo stands for all there is to do: reading, pricing, writing a checkpoint, rendering, serving.
printf 'checkpoint:\n  file: %s\n' "$work/checkpoint" >"$work/config.yaml"
# shellcheck disable=SC2086 # A list of words.
"$java" $flags -XX:ArchiveClassesAtExit="$home/mlflow-exporter.jsa" -jar "$home/mlflow-exporter.jar" demo --runs 200 \
  --config "$work/config.yaml" --metrics-listen 127.0.0.1:0 --web-listen 127.0.0.1:0 --interval 1s >"$work/log" 2>&1 &
exporter=$!

fail() {
  echo "build.sh: $1; the exporter said:" >&2
  cat "$work/log" >&2
  kill "$exporter" 2>/dev/null || true
  exit 1
}

while true; do
  web=$(printed 'The status page')
  if [ -n "$web" ] && [ "$(get "$web" /readyz '*/*' identity)" = 200 ]; then
    break
  fi
  kill -0 "$exporter" 2>/dev/null || fail 'it ended before it was ready'
  [ "$SECONDS" -lt "$limit_seconds" ] || fail "it was not ready in $limit_seconds seconds"
  sleep 0.2
done
metrics=$(printed /metrics)
for accept in 'text/plain;version=0.0.4' 'application/openmetrics-text;version=1.0.0' \
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'; do
  for encoding in gzip identity; do
    [ "$(get "$metrics" /metrics "$accept" "$encoding")" = 200 ] || fail "/metrics was not served as $accept"
  done
done
for page in / /api/v1/status /healthz; do
  [ "$(get "$web" "$page" '*/*' gzip)" = 200 ] || fail "$page was not served"
done
kill -TERM "$exporter"
wait "$exporter" || [ $? -eq 143 ] || fail 'it did not stop as it should'
[ -s "$home/mlflow-exporter.jsa" ] || fail 'it left no archive of its classes'
# Whoever the image runs as must be able to read it.
chmod -R a+rX "$home"
