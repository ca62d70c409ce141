{{/* What a schema cannot say. All faults at once, each naming its value. */}}
{{- define "voltgate.checks" -}}
{{- $faults := list -}}
{{- with .Values.postgresql -}}
{{- $given := or .url .existingSecret.name -}}
{{- if and (not .enabled) (not $given) }}{{ $faults = append $faults "postgresql: set postgresql.url, postgresql.existingSecret.name or postgresql.enabled" }}{{ end -}}
{{- if and .enabled $given }}{{ $faults = append $faults "postgresql.enabled contradicts postgresql.url and postgresql.existingSecret.name" }}{{ end -}}
{{- end -}}
{{- with .Values.redis -}}
{{- $given := or .url .existingSecret.name -}}
{{- if and (not .enabled) (not $given) }}{{ $faults = append $faults "redis: set redis.url, redis.existingSecret.name or redis.enabled" }}{{ end -}}
{{- if and .enabled $given }}{{ $faults = append $faults "redis.enabled contradicts redis.url and redis.existingSecret.name" }}{{ end -}}
{{- if and .enabled .cluster }}{{ $faults = append $faults "redis.cluster: the bundled Redis (redis.enabled) is no cluster" }}{{ end -}}
{{- end -}}

{{- $least := int (include "voltgate.drainSeconds" .) -}}
{{- $grace := int (include "voltgate.gatewayGrace" .) -}}
{{- if lt $grace $least }}{{ $faults = append $faults (printf "gateway.drain.terminationGracePeriodSeconds (%d) is less than delaySeconds + connectionsPerPod / rate + marginSeconds (%d)" $grace $least) }}{{ end -}}
{{- $redisTimeout := int (default "3000" (get (merge (dict) .Values.gateway.settings .Values.settings) "REDIS_TIMEOUT_MS")) -}}
{{- if le (int (include "voltgate.gatewayShutdownMs" .)) $redisTimeout }}{{ $faults = append $faults (printf "gateway.drain.marginSeconds (%d) leaves no time after ASK_TIMEOUT_MS (%s) for REDIS_TIMEOUT_MS (%d)" (int .Values.gateway.drain.marginSeconds) (include "voltgate.askTimeoutMs" .) $redisTimeout) }}{{ end -}}
{{- if le (int (include "voltgate.workerGrace" .)) (int .Values.worker.shutdownSeconds) }}{{ $faults = append $faults (printf "worker.terminationGracePeriodSeconds (%s) must be more than worker.shutdownSeconds (%d)" (include "voltgate.workerGrace" .) (int .Values.worker.shutdownSeconds)) }}{{ end -}}
{{- $redisTimeout = int (default "3000" (get (merge (dict) .Values.worker.settings .Values.settings) "REDIS_TIMEOUT_MS")) -}}
{{- if le (mul .Values.worker.shutdownSeconds 1000) (int64 $redisTimeout) }}{{ $faults = append $faults (printf "worker.shutdownSeconds (%d) must be longer than REDIS_TIMEOUT_MS (%d)" (int .Values.worker.shutdownSeconds) $redisTimeout) }}{{ end -}}
{{- if .Values.networkPolicy.enabled }}{{ $faults = concat $faults (include "voltgate.portFaults" . | fromYamlArray) }}{{ end -}}

{{- range $name, $scaled := dict "gateway" .Values.gateway.autoscaling "worker" .Values.worker.autoscaling -}}
{{- if gt (int $scaled.minReplicas) (int $scaled.maxReplicas) }}{{ $faults = append $faults (printf "%s.autoscaling.minReplicas is more than maxReplicas" $name) }}{{ end -}}
{{- end -}}
{{- with .Values.gateway.autoscaling -}}
{{- if and .enabled (not (or .cpuPercent .memoryPercent .connections)) }}{{ $faults = append $faults "gateway.autoscaling: set cpuPercent, memoryPercent or connections" }}{{ end -}}
{{- end -}}
{{- if and .Values.gateway.autoscaling.enabled (gt (int .Values.gateway.autoscaling.connections) (int .Values.gateway.drain.connectionsPerPod)) }}{{ $faults = append $faults (printf "gateway.autoscaling.connections (%d) is more than gateway.drain.connectionsPerPod (%d), which the grace period is computed from" (int .Values.gateway.autoscaling.connections) (int .Values.gateway.drain.connectionsPerPod)) }}{{ end -}}
{{- with .Values.worker.autoscaling -}}
{{- if and (eq .type "keda") (not .keda.serverAddress) }}{{ $faults = append $faults "worker.autoscaling.keda.serverAddress: the URL of Prometheus is missing" }}{{ end -}}
{{- end -}}

{{- if .Values.ingress.enabled -}}
{{- $faults = concat $faults (include "voltgate.ingressFaults" . | fromYamlArray) -}}
{{- end -}}
{{- if $faults }}{{ fail (printf "\n\nvalues that cannot be:\n- %s\n" (join "\n- " $faults)) }}{{ end -}}
{{- end -}}

{{/* Ports of URLs given as values that the network policies do not open. */}}
{{- define "voltgate.portFaults" -}}
{{- $faults := list -}}
{{- $named := list (dict "of" "postgresql.url" "at" .Values.postgresql.url "usual" "5432" "list" "postgresqlPorts") -}}
{{- with get .Values.settings "REDIS_SENTINELS" -}}
{{- /* The host in the URLs is then a name, and where it leads the Sentinels say. */}}
{{- range splitList "," . }}{{ $named = append $named (dict "of" "REDIS_SENTINELS" "at" (trim .) "usual" "26379" "list" "redisPorts") }}{{ end -}}
{{- else -}}
{{- range $of, $url := dict "redis.url" .Values.redis.url "redis.queue.url" .Values.redis.queue.url -}}
{{- $named = append $named (dict "of" $of "at" $url "usual" "6379" "list" "redisPorts") -}}
{{- end -}}
{{- end -}}
{{- range $named -}}
{{- $port := regexFind ":[0-9]+(/|\\?|$)" (splitList "@" .at | last) | trimPrefix ":" | trimSuffix "/" | trimSuffix "?" | default .usual -}}
{{- $open := get $.Values.networkPolicy .list -}}
{{- if and .at (not (has $port (toStrings $open))) }}{{ $faults = append $faults (printf "networkPolicy.%s lacks %s, the port of %s" .list $port .of) }}{{ end -}}
{{- end -}}
{{- toYaml $faults -}}
{{- end -}}

{{- define "voltgate.ingressFaults" -}}
{{- $faults := list -}}
{{- with .Values.ingress -}}
{{- if not .chargers.host }}{{ $faults = append $faults "ingress.chargers.host is missing" }}{{ end -}}
{{- if and .api.enabled (not .api.host) }}{{ $faults = append $faults "ingress.api.host is missing (or set ingress.api.enabled to false)" }}{{ end -}}
{{- if and .api.enabled .api.host (eq .api.host .chargers.host) }}{{ $faults = append $faults "ingress.api.host must not be ingress.chargers.host: timeouts, ciphers and stickiness are per host" }}{{ end -}}
{{- if le (mul .timeoutSeconds 1000) (int (include "voltgate.pingIntervalMs" $)) }}{{ $faults = append $faults (printf "ingress.timeoutSeconds (%d) must be longer than PING_INTERVAL_MS (%s)" (int .timeoutSeconds) (include "voltgate.pingIntervalMs" $)) }}{{ end -}}
{{- if .mtls.enabled -}}
{{- if not .mtls.host }}{{ $faults = append $faults "ingress.mtls.host is missing" }}{{ end -}}
{{- if and .mtls.host (has .mtls.host (list .chargers.host .api.host)) }}{{ $faults = append $faults "ingress.mtls.host must be a host of its own: client certificates are asked for per host" }}{{ end -}}
{{- if not .mtls.tlsSecret }}{{ $faults = append $faults "ingress.mtls.tlsSecret is missing" }}{{ end -}}
{{- if and (not .mtls.caSecret) (ne .preset "none") }}{{ $faults = append $faults "ingress.mtls.caSecret is missing" }}{{ end -}}
{{- if and (eq .preset "none") (not .mtls.header) }}{{ $faults = append $faults "ingress.mtls.header is required with preset none" }}{{ end -}}
{{- if and .mtls.header (not (has .preset (list "none" "nginx"))) }}{{ $faults = append $faults (printf "ingress.mtls.header: preset %s has a header of its own" .preset) }}{{ end -}}
{{- if and (eq .preset "nginx") (not .nginx.snippets) }}{{ $faults = append $faults "ingress.nginx.snippets: client certificates cannot be passed on without (ingress.mtls.enabled)" }}{{ end -}}
{{- if not $.Values.gateway.trustedProxies }}{{ $faults = append $faults "gateway.trustedProxies: without the ingress pods' networks nobody's client-certificate header is believed (ingress.mtls.enabled)" }}{{ end -}}
{{- end -}}
{{- if and (eq .preset "envoy-gateway") .envoyGateway.existingGateway.name .proxyProtocol }}{{ $faults = append $faults "ingress.proxyProtocol is a setting of your own Gateway (ingress.envoyGateway.existingGateway.name)" }}{{ end -}}
{{- end -}}
{{- toYaml $faults -}}
{{- end -}}
