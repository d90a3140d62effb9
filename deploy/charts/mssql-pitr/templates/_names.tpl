{{- define "pitr.name" -}}
{{- if contains "mssql-pitr" .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-mssql-pitr" (.Release.Name | trunc 41 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "pitr.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "pitr.name" .) -}}
{{- else -}}
{{- required "serviceAccount.name: which account, when none is created?" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Never changes: a Deployment's selector cannot be changed. The component tells workers from executors. */}}
{{- define "pitr.selector" -}}
app.kubernetes.io/name: mssql-pitr
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: worker
{{- end -}}

{{- define "pitr.labels" -}}
app.kubernetes.io/name: mssql-pitr
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Namespaces of all stores and instances, as a JSON list. */}}
{{- define "pitr.namespaces" -}}
{{- $found := list -}}
{{- range $section := list "stores" "instances" -}}
{{- range $name, $each := get $.Values.config $section | default dict -}}
{{- with $each.namespace -}}{{- $found = append $found . -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- $found | uniq | sortAlpha | toJson -}}
{{- end -}}

{{/* Secrets of a namespace that the worker reads through the API, as a JSON list; of a dict with root and namespace. */}}
{{- define "pitr.secrets" -}}
{{- $found := list -}}
{{- range $name, $each := .root.Values.config.instances -}}
{{- if eq (toString $each.namespace) $.namespace -}}
{{- with dig "login" "password" "secret" "name" "" $each -}}{{- $found = append $found . -}}{{- end -}}
{{- if $.root.Values.rbac.targets -}}
{{- $found = append $found ($each.statefulSet | default (printf "%s-mssql-helm-db" $name)) -}}
{{- $found = concat $found $.root.Values.rbac.saSecrets -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $found | uniq | sortAlpha | toJson -}}
{{- end -}}
