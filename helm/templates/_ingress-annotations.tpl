{{/* Annotations of Ingress objects by preset: (dict "root" $ "kind" "chargers"). */}}

{{/* HAProxy Ingress [haproxy-ingress.github.io/docs/configuration/keys]. Client certificates, ciphers and ALPN are per host there. */}}
{{- define "voltgate.annotations.haproxy" -}}
{{- $ingress := .root.Values.ingress -}}
{{- $prefix := "haproxy-ingress.github.io" -}}
{{- if eq .kind "api" }}
{{ $prefix }}/timeout-server: {{ $ingress.timeoutSeconds }}s
{{- with $ingress.api.stickyCookie }}
{{ $prefix }}/affinity: cookie
{{ $prefix }}/session-cookie-name: {{ . }}
{{- end }}
{{- else }}
{{ $prefix }}/balance-algorithm: uri path-only
{{ $prefix }}/initial-weight: {{ $ingress.haproxy.serverWeight | quote }}
{{ $prefix }}/timeout-tunnel: {{ $ingress.timeoutSeconds }}s
{{ $prefix }}/tls-alpn: http/1.1
{{ $prefix }}/ssl-options-host: ssl-min-ver TLSv{{ $ingress.tls.minVersion }}
{{ $prefix }}/ssl-ciphers: {{ join ":" $ingress.tls.ciphers }}
{{ $prefix }}/config-backend: |
  hash-type consistent sdbm avalanche
  {{- if include "voltgate.stripsCertificate" . }}
  http-request del-header {{ include "voltgate.certificateHeader" .root }}
  {{- end }}
{{- if eq .kind "mtls" }}
{{ $prefix }}/auth-tls-secret: {{ .root.Release.Namespace }}/{{ $ingress.mtls.caSecret }}
{{ $prefix }}/auth-tls-verify-client: 'on'
{{ $prefix }}/auth-tls-strict: 'true'
{{ $prefix }}/auth-tls-cert-header: 'true'
{{- end }}
{{- end }}
{{- end -}}

{{/* F5 NGINX Ingress Controller [docs.nginx.com/nginx-ingress-controller]. */}}
{{- define "voltgate.annotations.nginx" -}}
{{- $ingress := .root.Values.ingress -}}
{{- $service := include "voltgate.ingressName" . -}}
nginx.org/proxy-read-timeout: {{ $ingress.timeoutSeconds }}s
nginx.org/proxy-send-timeout: {{ $ingress.timeoutSeconds }}s
{{- if eq .kind "api" }}
nginx.org/proxy-buffering: 'False'
{{- with $ingress.api.stickyCookie }}
nginx.org/sticky-cookie-services: serviceName={{ $service }} {{ . }} path=/
{{- end }}
{{- else }}
nginx.org/lb-method: hash $uri consistent
nginx.org/websocket-services: {{ $service }}
nginx.org/ssl-ciphers: {{ join ":" $ingress.tls.ciphers }}
{{- if eq .kind "mtls" }}
nginx.org/policies: {{ $service }}
nginx.org/location-snippets: proxy_set_header {{ include "voltgate.certificateHeader" .root }} $ssl_client_escaped_cert;
{{- else if include "voltgate.stripsCertificate" . }}
nginx.org/location-snippets: proxy_set_header {{ include "voltgate.certificateHeader" .root }} "";
{{- end }}
{{- end }}
{{- end -}}

{{/* The retired controller of the Kubernetes project. */}}
{{- define "voltgate.annotations.ingress-nginx" -}}
{{- $ingress := .root.Values.ingress -}}
{{- $prefix := "nginx.ingress.kubernetes.io" -}}
{{ $prefix }}/proxy-read-timeout: {{ $ingress.timeoutSeconds | quote }}
{{ $prefix }}/proxy-send-timeout: {{ $ingress.timeoutSeconds | quote }}
{{- if eq .kind "api" }}
{{ $prefix }}/proxy-buffering: 'off'
{{- with $ingress.api.stickyCookie }}
{{ $prefix }}/affinity: cookie
{{ $prefix }}/session-cookie-name: {{ . }}
{{- end }}
{{- else }}
{{ $prefix }}/upstream-hash-by: $uri
{{ $prefix }}/ssl-ciphers: {{ join ":" $ingress.tls.ciphers }}
{{- if eq .kind "mtls" }}
{{ $prefix }}/auth-tls-secret: {{ .root.Release.Namespace }}/{{ $ingress.mtls.caSecret }}
{{ $prefix }}/auth-tls-verify-client: 'on'
{{ $prefix }}/auth-tls-pass-certificate-to-upstream: 'true'
{{- else if include "voltgate.stripsCertificate" . }}
{{ $prefix }}/configuration-snippet: proxy_set_header {{ include "voltgate.certificateHeader" .root }} "";
{{- end }}
{{- end }}
{{- end -}}

{{- define "voltgate.annotations.none" -}}{{- end -}}
