{{/* Where the programs find Postgres and Redis. Kubernetes replaces $(NAME) by a variable that stands before. */}}

{{- define "voltgate.env.postgresql" -}}
{{- $name := include "voltgate.fullname" . -}}
{{- if .Values.postgresql.enabled -}}
- name: POSTGRES_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ default (printf "%s-postgresql" $name) .Values.postgresql.auth.existingSecret.name }}
      key: {{ .Values.postgresql.auth.existingSecret.key }}
- name: DATABASE_URL
  value: postgres://voltgate:$(POSTGRES_PASSWORD)@{{ $name }}-postgresql.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:5432/voltgate
{{- else -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      {{- if .Values.postgresql.existingSecret.name }}
      name: {{ .Values.postgresql.existingSecret.name }}
      key: {{ .Values.postgresql.existingSecret.key }}
      {{- else }}
      name: {{ $name }}-stores
      key: DATABASE_URL
      {{- end }}
{{- end -}}
{{- end -}}

{{- define "voltgate.env.redis" -}}
{{- $name := include "voltgate.fullname" . -}}
{{- if .Values.redis.enabled -}}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ default (printf "%s-redis" $name) .Values.redis.auth.existingSecret.name }}
      key: {{ .Values.redis.auth.existingSecret.key }}
- name: REDIS_URL
  value: redis://:$(REDIS_PASSWORD)@{{ $name }}-redis.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:6379
{{- else -}}
- name: REDIS_URL
  valueFrom:
    secretKeyRef:
      {{- if .Values.redis.existingSecret.name }}
      name: {{ .Values.redis.existingSecret.name }}
      key: {{ .Values.redis.existingSecret.key }}
      {{- else }}
      name: {{ $name }}-stores
      key: REDIS_URL
      {{- end }}
{{- end }}
{{- with .Values.redis.queue }}
{{- if .existingSecret.name }}
- name: QUEUE_REDIS_URL
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret.name }}
      key: {{ .existingSecret.key }}
{{- else if .url }}
- name: QUEUE_REDIS_URL
  valueFrom:
    secretKeyRef:
      name: {{ $name }}-stores
      key: QUEUE_REDIS_URL
{{- end }}
{{- end }}
{{- if .Values.redis.cluster }}
- name: REDIS_CLUSTER
  value: 'true'
{{- end }}
{{- end -}}

{{/* URLs given as values, by key; empty when all come from elsewhere. */}}
{{- define "voltgate.storeUrls" -}}
{{- $urls := dict -}}
{{- with .Values.postgresql -}}
{{- if and .url (not .existingSecret.name) }}{{ $_ := set $urls "DATABASE_URL" .url }}{{ end -}}
{{- end -}}
{{- with .Values.redis -}}
{{- if and .url (not .existingSecret.name) }}{{ $_ := set $urls "REDIS_URL" .url }}{{ end -}}
{{- if and .queue.url (not .queue.existingSecret.name) }}{{ $_ := set $urls "QUEUE_REDIS_URL" .queue.url }}{{ end -}}
{{- end -}}
{{- if $urls }}{{ toYaml $urls }}{{ end -}}
{{- end -}}

{{/* A password given, kept from the last install, or new: (dict "root" $ "secret" name "auth" .Values.redis.auth). */}}
{{- define "voltgate.password" -}}
{{- $known := lookup "v1" "Secret" .root.Release.Namespace .secret -}}
{{- $key := .auth.existingSecret.key -}}
{{- if .auth.password -}}
{{- .auth.password -}}
{{- else if and $known $known.data (hasKey $known.data $key) -}}
{{- get $known.data $key | b64dec -}}
{{- else -}}
{{- randAlphaNum 32 -}}
{{- end -}}
{{- end -}}
