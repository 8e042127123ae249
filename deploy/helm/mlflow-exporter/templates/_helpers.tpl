{{- define "mlflow-exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "mlflow-exporter.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- $name := include "mlflow-exporter.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mlflow-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "mlflow-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mlflow-exporter.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "mlflow-exporter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "mlflow-exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "mlflow-exporter.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "mlflow-exporter.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{/* Heap, as what follows -Xmx, and resources by size: docs/benchmarks.md. Beside the heap a process takes some 85 MiB. */}}
{{- define "mlflow-exporter.sizes" -}}
small: {heap: 48m, cpu: 50m, request: 160Mi, limit: 192Mi}
medium: {heap: 100m, cpu: 100m, request: 208Mi, limit: 256Mi}
large: {heap: 280m -Xmn24m, cpu: 200m, request: 384Mi, limit: 448Mi}
{{- end }}

{{/* The credentials of one server, as settings; called with its values and the folder its secret is mounted in. */}}
{{- define "mlflow-exporter.auth" -}}
{{- $auth := index . 0 }}
{{- $folder := index . 1 }}
{{- $settings := dict }}
{{- if $auth.username }}{{ $_ := set $settings "username" $auth.username }}{{ end }}
{{- if $auth.existingSecret }}
{{- if $auth.oauth2.clientSecretKey }}
{{- $oauth2 := dict "client_id" $auth.oauth2.clientId "token_url" $auth.oauth2.tokenUrl }}
{{- $_ := set $oauth2 "client_secret_file" (printf "%s/%s" $folder $auth.oauth2.clientSecretKey) }}
{{- with $auth.oauth2.scopes }}{{ $_ := set $oauth2 "scopes" . }}{{ end }}
{{- with $auth.oauth2.endpointParams }}{{ $_ := set $oauth2 "endpoint_params" . }}{{ end }}
{{- $_ := set $settings "oauth2" $oauth2 }}
{{- else if $auth.tokenKey }}
{{- $_ := set $settings "token_file" (printf "%s/%s" $folder $auth.tokenKey) }}
{{- else if or $auth.username (not $auth.httpHeaders) }}
{{- $_ := set $settings "password_file" (printf "%s/%s" $folder $auth.passwordKey) }}
{{- end }}
{{- $headers := dict }}
{{- range $name, $key := $auth.httpHeaders }}
{{- $_ := set $headers $name (dict "files" (list (printf "%s/%s" $folder $key))) }}
{{- end }}
{{- if $headers }}{{ $_ := set $settings "http_headers" $headers }}{{ end }}
{{- end }}
{{- toYaml $settings }}
{{- end }}

{{/* What the chart sets, then what the user set. */}}
{{- define "mlflow-exporter.config" -}}
{{- $etc := "/etc/mlflow-exporter" }}
{{- $mlflow := dict "tracking_uri" .Values.mlflow.trackingUri }}
{{- if .Values.mlflow.registryUri }}{{ $_ := set $mlflow "registry_uri" .Values.mlflow.registryUri }}{{ end }}
{{- with include "mlflow-exporter.auth" (list .Values.mlflow.auth (printf "%s/auth" $etc)) | fromYaml }}
{{- $_ := set $mlflow "auth" . }}
{{- end }}
{{- with include "mlflow-exporter.auth" (list .Values.mlflow.registryAuth (printf "%s/registry-auth" $etc)) | fromYaml }}
{{- $_ := set $mlflow "registry_auth" . }}
{{- end }}
{{- with .Values.mlflow.proxyUrl }}{{ $_ := set $mlflow "proxy_url" . }}{{ end }}
{{- with .Values.mlflow.noProxy }}{{ $_ := set $mlflow "no_proxy" . }}{{ end }}
{{- with .Values.mlflow.tls }}
{{- if .existingSecret }}
{{- $tls := dict }}
{{- if .caKey }}{{ $_ := set $tls "ca_file" (printf "%s/tls/%s" $etc .caKey) }}{{ end }}
{{- if .certKey }}{{ $_ := set $tls "cert_file" (printf "%s/tls/%s" $etc .certKey) }}{{ end }}
{{- if .keyKey }}{{ $_ := set $tls "key_file" (printf "%s/tls/%s" $etc .keyKey) }}{{ end }}
{{- $_ := set $mlflow "tls" $tls }}
{{- end }}
{{- end }}
{{- $web := dict "metrics_listen" "0.0.0.0:9818" "web_listen" "0.0.0.0:9819" }}
{{- if .Values.webConfig.existingSecret }}
{{- $setting := ternary "metrics_config_file" "config_file" .Values.webConfig.metricsOnly }}
{{- $_ := set $web $setting (printf "%s/web/%s" $etc .Values.webConfig.key) }}
{{- end }}
{{- /* Without a password only what comes from within the pod, such as kubectl port-forward, sees more than health checks. */}}
{{- if or (not .Values.webConfig.existingSecret) .Values.webConfig.metricsOnly }}
{{- $_ := set $web "local_only" true }}
{{- end }}
{{- $config := dict "mlflow" $mlflow "web" $web }}
{{- $_ := set $config "checkpoint" (dict "file" "/var/lib/mlflow-exporter/checkpoint") }}
{{- $_ := set $config "log" (dict "format" "json") }}
{{- if .Values.existingCostBook }}
{{- $_ := set $config "cost" (dict "file" (printf "%s/cost/cost-book.yaml" $etc)) }}
{{- else if .Values.costBook }}
{{- $_ := set $config "cost" (dict "file" "cost-book.yaml") }}
{{- end }}
{{- if .Values.kpis }}{{ $_ := set $config "kpi" (dict "file" "kpis.yaml") }}{{ end }}
{{- if not .Values.demo }}{{ $_ := set $config "shard" (dict "total" (int .Values.shards)) }}{{ end }}
{{- toYaml (mergeOverwrite $config (deepCopy .Values.config)) }}
{{- end }}

{{/* One monitor's endpoint; called with the context and the monitor's values. */}}
{{- define "mlflow-exporter.endpoint" -}}
{{- $endpoint := dict "port" "metrics" "scheme" (lower (index . 0).Values.webConfig.scheme) }}
{{- $monitor := index . 1 }}
{{- if $monitor.interval }}{{ $_ := set $endpoint "interval" $monitor.interval }}{{ end }}
{{- if $monitor.scrapeTimeout }}{{ $_ := set $endpoint "scrapeTimeout" $monitor.scrapeTimeout }}{{ end }}
{{- toYaml (mergeOverwrite $endpoint (deepCopy $monitor.endpoint)) }}
{{- end }}
