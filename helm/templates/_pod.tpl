{{/* Parts that the pods of gateways, workers and migrations share. */}}

{{- define "voltgate.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* (dict "root" $ "component" "gateway" "of" .Values.gateway) */}}
{{- define "voltgate.scheduling" -}}
{{- $labels := include "voltgate.selector" . | fromYaml -}}
{{- $spread := .of.topologySpreadConstraints -}}
{{- if kindIs "invalid" $spread -}}
{{- $spread = list -}}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" -}}
{{- $spread = append $spread (dict "maxSkew" 1 "topologyKey" . "whenUnsatisfiable" "ScheduleAnyway" "matchLabelKeys" (list "pod-template-hash")) -}}
{{- end -}}
{{- end -}}
{{- with $spread }}
topologySpreadConstraints:
  {{- range . }}
  - {{- toYaml (merge (dict "labelSelector" (dict "matchLabels" $labels)) .) | nindent 4 }}
  {{- end }}
{{- end }}
{{- with include "voltgate.placement" .of | trim }}
{{ . }}
{{- end }}
{{- end -}}

{{/* How many: (dict "root" $ "component" "worker" "of" .Values.worker "scaled" true). Of a deployment that others scale the number
it has: leaving it out would make Kubernetes take 1, and drain every gateway but one, when an upgrade turns autoscaling on. */}}
{{- define "voltgate.replicas" -}}
{{- if not .scaled -}}
replicas: {{ .of.replicas }}
{{- else -}}
{{- with lookup "apps/v1" "Deployment" .root.Release.Namespace (printf "%s-%s" (include "voltgate.fullname" .root) .component) -}}
replicas: {{ int .spec.replicas }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Where a pod may run: .Values.gateway and the like. */}}
{{- define "voltgate.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* Changes whenever what a pod reads at its start changes. */}}
{{- define "voltgate.checksums" -}}
checksum/settings: {{ include (printf "voltgate.%sSettings" .component) .root | sha256sum }}
checksum/stores: {{ include "voltgate.storeUrls" .root | sha256sum }}
{{- include "voltgate.passwordChecksum" .root }}
{{- end -}}

{{/* The bundled Redis takes a new password when it starts: it and those who log in start anew together. */}}
{{- define "voltgate.passwordChecksum" -}}
{{- with and .Values.redis.enabled .Values.redis.auth.password }}
checksum/password: {{ sha256sum . }}
{{- end }}
{{- end -}}

{{/* (dict "root" $ "component" "gateway" "of" .Values.gateway) */}}
{{- define "voltgate.environment" -}}
env:
  - name: {{ upper .component }}_ID
    valueFrom: { fieldRef: { fieldPath: metadata.name } }
  {{- include "voltgate.env.postgresql" .root | nindent 2 }}
  {{- include "voltgate.env.redis" .root | nindent 2 }}
  {{- with concat .root.Values.extraEnv .of.extraEnv }}
  {{- include "voltgate.lastOfEach" . | nindent 2 }}
  {{- end }}
envFrom:
  - configMapRef: { name: {{ include "voltgate.fullname" .root }}-{{ .component }} }
  {{- with .of.existingSecret }}
  - secretRef: { name: {{ . }} }
  {{- end }}
{{- end -}}

{{/* Variables, of each name the last: a list with one twice is refused by server-side apply. */}}
{{- define "voltgate.lastOfEach" -}}
{{- $last := dict -}}
{{- range $at, $variable := . }}{{ $_ := set $last $variable.name $at }}{{ end -}}
{{- $kept := list -}}
{{- range $at, $variable := . }}{{ if eq $at (get $last $variable.name) }}{{ $kept = append $kept $variable }}{{ end }}{{ end -}}
{{- toYaml $kept -}}
{{- end -}}

{{/* Given the path of readiness. */}}
{{- define "voltgate.probes" -}}
startupProbe:
  httpGet: { path: /livez, port: ops }
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /livez, port: ops }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: {{ . | quote }}, port: ops }
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 2
{{- end -}}

{{/* With the bundled Postgres no hook can migrate before it is there: every pod waits for it and migrates, one at a time. */}}
{{- define "voltgate.migrateFirst" -}}
{{- if and .Values.postgresql.enabled .Values.migrate.enabled }}
initContainers:
  - name: migrate
    {{- include "voltgate.migrateContainer" . | nindent 4 }}
{{- end }}
{{- end -}}

{{- define "voltgate.migrateContainer" -}}
image: {{ include "voltgate.image" (dict "root" . "image" .Values.migrate.image) }}
imagePullPolicy: {{ .Values.migrate.image.pullPolicy }}
securityContext: {{- toYaml .Values.securityContext | nindent 2 }}
resources: {{- toYaml .Values.migrate.resources | nindent 2 }}
{{- end -}}
