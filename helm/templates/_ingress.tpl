{{/* What presets have in common. `kind` is chargers, mtls or api. */}}

{{- define "voltgate.certificateHeader" -}}
{{- $ours := dict "haproxy" "x-ssl-client-cert" "nginx" "x-ssl-client-cert" "traefik" "x-forwarded-tls-client-cert" "envoy-gateway" "x-forwarded-client-cert" "ingress-nginx" "ssl-client-cert" -}}
{{- default (get $ours .Values.ingress.preset) .Values.ingress.mtls.header | lower -}}
{{- end -}}

{{/* The hosts to publish, by kind. */}}
{{- define "voltgate.ingressKinds" -}}
- chargers
{{- if .Values.ingress.mtls.enabled }}
- mtls
{{- end }}
{{- if .Values.ingress.api.enabled }}
- api
{{- end }}
{{- end -}}

{{/* (dict "root" $ "kind" "mtls") */}}
{{- define "voltgate.ingressName" -}}
{{- $name := include "voltgate.fullname" .root -}}
{{- ternary (printf "%s-chargers-mtls" $name) (printf "%s-%s" $name .kind) (eq .kind "mtls") -}}
{{- end -}}

{{- define "voltgate.ingressPort" -}}
{{- ternary .root.Values.gateway.services.api.port .root.Values.gateway.services.ocpp.port (eq .kind "api") -}}
{{- end -}}

{{- define "voltgate.ingressPath" -}}
{{- ternary .root.Values.ingress.api.path "/ocpp" (eq .kind "api") -}}
{{- end -}}

{{- define "voltgate.ingressClass" -}}
{{- $usual := dict "haproxy" "haproxy" "nginx" "nginx" "ingress-nginx" "nginx" -}}
{{- default (get $usual .Values.ingress.preset) .Values.ingress.className -}}
{{- end -}}

{{/* Only what a proxy itself puts into the header counts: what a charger sends in it must not pass the other hosts. */}}
{{- define "voltgate.stripsCertificate" -}}
{{- if and (eq .kind "chargers") .root.Values.ingress.mtls.enabled }}yes{{ end -}}
{{- end -}}
