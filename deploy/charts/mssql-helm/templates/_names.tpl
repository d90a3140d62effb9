{{/* mssql-rt gives mssql-rt-mssql-helm-db: the chart's name is fixed, because instances are found by these names. */}}
{{- define "mssql.db" -}}
{{- printf "%s-mssql-helm-db" .Release.Name -}}
{{- end -}}

{{- define "mssql.backupStore" -}}
{{- .Values.backupStore.existingClaim | default (printf "%s-mssql-helm-instance-backup-store" .Release.Name) -}}
{{- end -}}

{{- define "mssql.secret" -}}
{{- .Values.auth.existingSecret | default (include "mssql.db" .) -}}
{{- end -}}

{{/* Never changes: a StatefulSet's selector cannot be changed. */}}
{{- define "mssql.selector" -}}
app.kubernetes.io/name: mssql-helm
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: db
{{- end -}}

{{- define "mssql.labels" -}}
{{ include "mssql.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}
