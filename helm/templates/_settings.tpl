{{/* What a gateway's drain takes, in seconds, and what must be at least the grace period. */}}
{{- define "voltgate.drainSeconds" -}}
{{- with .Values.gateway.drain -}}
{{- add .delaySeconds (ceil (divf (float64 .connectionsPerPod) (float64 .rate))) .marginSeconds -}}
{{- end -}}
{{- end -}}

{{- define "voltgate.gatewayGrace" -}}
{{- $least := int (include "voltgate.drainSeconds" .) -}}
{{- $given := .Values.gateway.drain.terminationGracePeriodSeconds -}}
{{- if kindIs "invalid" $given }}{{ $least }}{{ else }}{{ int $given }}{{ end -}}
{{- end -}}

{{- define "voltgate.workerGrace" -}}
{{- $given := .Values.worker.terminationGracePeriodSeconds -}}
{{- if kindIs "invalid" $given }}{{ add .Values.worker.shutdownSeconds 10 }}{{ else }}{{ int $given }}{{ end -}}
{{- end -}}

{{/* Longest wait for the answers under way on a socket that is closed; the drain grants it beyond SHUTDOWN_TIMEOUT_MS. */}}
{{- define "voltgate.askTimeoutMs" -}}
{{- $all := merge (dict) .Values.gateway.settings .Values.settings -}}
{{- int (default "10000" (get $all "ASK_TIMEOUT_MS")) -}}
{{- end -}}

{{- define "voltgate.pingIntervalMs" -}}
{{- $all := merge (dict) .Values.gateway.settings .Values.settings -}}
{{- int (default "45000" (get $all "PING_INTERVAL_MS")) -}}
{{- end -}}

{{/* The margin is shared: first the answers under way, then, 2 s before the end, everything else. */}}
{{- define "voltgate.gatewayShutdownMs" -}}
{{- sub (mul .Values.gateway.drain.marginSeconds 1000) (add 2000 (include "voltgate.askTimeoutMs" .)) -}}
{{- end -}}

{{- define "voltgate.gatewaySettings" -}}
{{- $ours := dict
  "OCPP_PORT" "9220" "API_PORT" "9221" "OPS_PORT" "9222"
  "DRAIN_DELAY_MS" (mul .Values.gateway.drain.delaySeconds 1000 | toString)
  "DRAIN_RATE" (int .Values.gateway.drain.rate | toString)
  "SHUTDOWN_TIMEOUT_MS" (include "voltgate.gatewayShutdownMs" .) -}}
{{- with .Values.gateway.trustedProxies }}{{ $_ := set $ours "TRUSTED_PROXIES" (join "," .) }}{{ end -}}
{{- if and .Values.ingress.enabled .Values.ingress.mtls.enabled -}}
{{- $_ := set $ours "CLIENT_CERTIFICATE_HEADER" (include "voltgate.certificateHeader" .) -}}
{{- end -}}
{{- toYaml (merge $ours .Values.gateway.settings .Values.settings) -}}
{{- end -}}

{{- define "voltgate.workerSettings" -}}
{{- $ours := dict "OPS_PORT" "9222" "SHUTDOWN_TIMEOUT_MS" (mul .Values.worker.shutdownSeconds 1000 | toString) -}}
{{- toYaml (merge $ours .Values.worker.settings .Values.settings) -}}
{{- end -}}
