{{- define "albatross.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "albatross.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "albatross.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "albatross.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "albatross.selectorLabels" -}}
app.kubernetes.io/name: {{ include "albatross.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "albatross.labels" -}}
{{ include "albatross.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.additionalLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "albatross.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "albatross.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- /* A value as the text that a flag takes: key=value,… of a map, a,b of a list. */}}
{{- define "albatross.text" -}}
{{- if kindIs "map" . }}
{{- $pairs := list }}
{{- range $key, $value := . }}{{ $pairs = append $pairs (printf "%s=%s" $key (toString $value)) }}{{ end }}
{{- join "," $pairs }}
{{- else if kindIs "slice" . }}
{{- join "," . }}
{{- else if kindIs "float64" . }}
{{- int64 . }}
{{- else if not (kindIs "invalid" .) }}
{{- toString . }}
{{- end }}
{{- end }}

{{- /* One argument, or nothing where the value is not set: (list NAME VALUE). */}}
{{- define "albatross.flag" -}}
{{- $text := include "albatross.text" (index . 1) }}
{{- if ne $text "" }}
- {{ printf "--%s=%s" (index . 0) $text | quote }}
{{- end }}
{{- end }}

{{- /* The port of an address such as “:8080”, “0” or “off” being none. */}}
{{- define "albatross.metricsPort" -}}
{{- regexFind "[1-9][0-9]*$" (default ":8080" (include "albatross.text" .Values.metricsBindAddr)) }}
{{- end }}
