{{- define "albatross.webhookName" -}}
{{- printf "%s-webhook" (include "albatross.fullname" . | trunc 55 | trimSuffix "-") }}
{{- end }}

{{- define "albatross.webhookSecret" -}}
{{- default (printf "%s-tls" (include "albatross.webhookName" .)) .Values.webhook.secretName }}
{{- end }}

{{- define "albatross.injectedAuthority" -}}
{{- if .Values.enableCertManager }}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "albatross.webhookName" . }}
{{- end }}
{{- end }}

{{- /* What the API server trusts, and the certificate where helm makes it: the one of the release that is there, or a new one. */}}
{{- define "albatross.webhookCertificate" -}}
{{- $name := include "albatross.webhookName" . }}
{{- $there := lookup "v1" "Secret" .Release.Namespace (include "albatross.webhookSecret" .) }}
{{- if .Values.enableCertManager }}
authority: ""
{{- else if .Values.webhook.secretName }}
authority: {{ required "webhook.caBundle is empty: set it to the base64 text of the authority of the certificate in webhook.secretName" .Values.webhook.caBundle }}
{{- else if and $there (index (default dict $there.data) "tls.crt") }}
authority: {{ index $there.data "tls.crt" }}
crt: {{ index $there.data "tls.crt" }}
key: {{ index $there.data "tls.key" }}
{{- else }}
{{- $host := printf "%s.%s.svc" $name .Release.Namespace }}
{{- $made := genSelfSignedCert $host (list) (list $host (printf "%s.cluster.local" $host)) 3650 }}
authority: {{ $made.Cert | b64enc }}
crt: {{ $made.Cert | b64enc }}
key: {{ $made.Key | b64enc }}
{{- end }}
{{- end }}

{{- define "albatross.webhookResources" }}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "albatross.webhookName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "albatross.labels" . | nindent 4 }}
spec:
  selector:
    {{- include "albatross.selectorLabels" . | nindent 4 }}
  ports:
    - name: webhook
      port: 443
      targetPort: webhook
{{- if .certificate.crt }}
---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata:
  name: {{ include "albatross.webhookSecret" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "albatross.labels" . | nindent 4 }}
data:
  tls.crt: {{ .certificate.crt }}
  tls.key: {{ .certificate.key }}
{{- end }}
{{- if .Values.enableCertManager }}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata:
  name: {{ include "albatross.webhookName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "albatross.labels" . | nindent 4 }}
spec:
  selfSigned: {}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: {{ include "albatross.webhookName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "albatross.labels" . | nindent 4 }}
spec:
  secretName: {{ include "albatross.webhookSecret" . }}
  dnsNames:
    - {{ include "albatross.webhookName" . }}.{{ .Release.Namespace }}.svc
    - {{ include "albatross.webhookName" . }}.{{ .Release.Namespace }}.svc.cluster.local
  issuerRef:
    kind: Issuer
    name: {{ include "albatross.webhookName" . }}
  privateKey:
    algorithm: ECDSA
    rotationPolicy: Always
{{- end }}
{{- end }}
