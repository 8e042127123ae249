# syntax=docker/dockerfile:1
# The exporter with a Java runtime of only the modules it uses, as a user without rights, on a file system it need not
# write to. docs/install-compose.md and docs/install-kubernetes.md tell how to run it.
#
#   docker build --build-arg REVISION=$(git rev-parse --short=12 HEAD) -t mlflow-exporter .

# Where these may not be had from their registries, name your own copies. A tag can be moved: for an image that can be built again,
# pin both by digest, as in BASE=gcr.io/distroless/base-nossl-debian12@sha256:…. The base needs glibc and nothing else; the
# runtime is Eclipse Temurin's, which brings the rest. JDK 17 took less memory than 25 (see docs/decisions/image.md).
ARG MAVEN=docker.io/library/maven:3.9-eclipse-temurin-17
ARG BASE=gcr.io/distroless/base-nossl-debian12:nonroot

FROM ${MAVEN} AS jar
WORKDIR /src
COPY pom.xml ./
COPY .mvn .mvn
COPY src src
ARG REVISION=unknown
RUN --mount=type=cache,target=/var/cache/maven \
    mvn -B -ntp package -Dmaven.repo.local=/var/cache/maven -Dmaven.test.skip=true "-Drevision.id=${REVISION}"

FROM ${MAVEN} AS image
WORKDIR /src
COPY deploy/image deploy/image
COPY --from=jar /src/target/mlflow-exporter.jar target/mlflow-exporter.jar
RUN mkdir -p /data && deploy/image/build.sh target/mlflow-exporter.jar /opt/mlflow-exporter

FROM ${BASE}
COPY --from=image /opt/mlflow-exporter /opt/mlflow-exporter
COPY --from=image --chown=65532:65532 --chmod=0700 /data /var/lib/mlflow-exporter
# The checkpoint's place, of which a container without a volume gets an empty one of its own. An empty value leaves it to
# the configuration file. The arenas are glibc's; it makes many on machines with many cores.
ENV MLFLOW_EXPORTER_CHECKPOINT_FILE=/var/lib/mlflow-exporter/checkpoint \
    MALLOC_ARENA_MAX=2
VOLUME ["/var/lib/mlflow-exporter"]
WORKDIR /var/lib/mlflow-exporter
# Metrics, and pages and probes: the latter listen on loopback unless MLFLOW_EXPORTER_WEB_WEB_LISTEN says otherwise.
EXPOSE 9818 9819
USER 65532:65532
ENTRYPOINT ["/opt/mlflow-exporter/runtime/bin/java", "@/opt/mlflow-exporter/jvm.options", "-jar", "/opt/mlflow-exporter/mlflow-exporter.jar"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["/opt/mlflow-exporter/runtime/bin/java", "-Xmx16m", "@/opt/mlflow-exporter/jvm.options", "-jar", "/opt/mlflow-exporter/mlflow-exporter.jar", "health"]
ARG REVISION=unknown
ARG VERSION=0.1.0-SNAPSHOT
LABEL org.opencontainers.image.title="mlflow-exporter" \
      org.opencontainers.image.description="Prometheus exporter for what an MLflow server has been costing and delivering." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
