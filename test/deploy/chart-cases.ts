/** What is rendered and validated, by name: arguments of `helm template` beside the URLs of the stores. */
export const rendered: Readonly<Record<string, readonly string[]>> = {
  'the defaults': [],
  'existing secrets': [
    '--set=postgresql.url=,postgresql.existingSecret.name=pg',
    '--set=redis.url=,redis.existingSecret.name=cache,redis.queue.existingSecret.name=queue',
  ],
  'bundled stores': ['--set=postgresql.url=,postgresql.enabled=true,redis.url=,redis.enabled=true'],
  'a Redis Cluster beside a queue': ['--set=redis.cluster=true,redis.queue.url=redis://queue:6379'],
  'gateways scaled by everything': [
    '--set=gateway.autoscaling.enabled=true,gateway.autoscaling.memoryPercent=80,gateway.autoscaling.connections=8000',
  ],
  'workers scaled by CPU': ['--set=worker.autoscaling.type=hpa'],
  'workers scaled by the queue': [
    '--set=worker.autoscaling.type=keda,worker.autoscaling.keda.serverAddress=http://prometheus:9090',
    '--set=worker.autoscaling.keda.authenticationRef=prometheus',
  ],
  monitoring: [
    '--set=metrics.podMonitor.enabled=true,metrics.prometheusRule.enabled=true,metrics.dashboard.enabled=true',
    '--set=metrics.podMonitor.labels.release=prometheus',
  ],
  'no options': [
    '--set=networkPolicy.enabled=false,tests.enabled=false,migrate.enabled=false,serviceAccount.create=false',
    '--set=gateway.podDisruptionBudget.enabled=false,worker.podDisruptionBudget.enabled=false',
  ],
  'narrow network policies': [
    '--set-json=networkPolicy.ingressFrom=[{"namespaceSelector":{"matchLabels":{"name":"haproxy"}}}]',
    '--set-json=networkPolicy.metricsFrom=[{"namespaceSelector":{"matchLabels":{"name":"monitoring"}}}]',
    '--set-json=networkPolicy.storesTo=[{"ipBlock":{"cidr":"10.1.0.0/16"}}]',
    '--set-json=networkPolicy.extraEgress=[{"ports":[{"port":4318}]}]',
  ],
  extras: [
    '--set-json=migrate={"extraVolumes":[{"name":"certs","emptyDir":{}}],"extraVolumeMounts":[{"name":"certs","mountPath":"/certs"}],"nodeSelector":{"disk":"ssd"}}',
    '--set-json=extraEnv=[{"name":"A","value":"b"}]',
    '--set-json=gateway.extraVolumes=[{"name":"certs","emptyDir":{}}]',
    '--set-json=gateway.extraVolumeMounts=[{"name":"certs","mountPath":"/certs"}]',
    '--set-json=worker.topologySpreadConstraints=[]',
    '--set-json=extraObjects=[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"more"}}]',
    '--set=settings.LOG_LEVEL=warn,gateway.existingSecret=more,gateway.services.ocpp.type=LoadBalancer',
    '--set=tests.chargePoint.existingSecret.name=cp,imagePullSecrets={pull},serviceAccount.annotations.a=b',
  ],
};

/** Every value of `ingress.preset`. */
export const presets = ['haproxy', 'nginx', 'traefik', 'envoy-gateway', 'ingress-nginx', 'none'] as const;

/** What is rendered with every preset beside the plain case. */
export const ingressOptions: Readonly<Record<string, readonly string[]>> = {
  'client certificates': [],
  'no client certificates, no API, PROXY protocol': [
    '--set=ingress.mtls.enabled=false,ingress.api.enabled=false,ingress.proxyProtocol=true',
  ],
  'no TLS, no stickiness of the API': [
    '--set=ingress.mtls.enabled=false,ingress.chargers.tlsSecret=,ingress.api.tlsSecret=,ingress.api.stickyCookie=',
  ],
};

/** Values that must be refused, each with the field that the refusal must name. */
export const refused: readonly { readonly values: string; readonly names: string }[] = [
  { values: 'gateway: { replicas: two }', names: '/gateway/replicas' },
  { values: 'gateway: { replica: 3 }', names: 'replica' },
  { values: 'workers: { replicas: 3 }', names: 'workers' },
  { values: 'gateway: { drain: { rate: 0 } }', names: '/gateway/drain/rate' },
  { values: 'gateway: { trustedProxies: [10.0.0.1] }', names: '/gateway/trustedProxies/0' },
  { values: 'gateway: { image: { digest: latest } }', names: '/gateway/image/digest' },
  { values: 'gateway: { settings: { DRAIN_RATE: "5" } }', names: '/gateway/settings/DRAIN_RATE' },
  { values: 'settings: { LOG_LEVEL: 5 }', names: '/settings/LOG_LEVEL' },
  { values: 'settings: { log-level: debug }', names: 'log-level' },
  { values: 'extraEnv: [{ name: DATABASE_URL, value: x }]', names: '/extraEnv/0/name' },
  { values: 'gateway: { extraEnv: [{ name: DRAIN_RATE, value: "5" }] }', names: '/gateway/extraEnv/0/name' },
  { values: 'commonLabels: { app.kubernetes.io/name: mine }', names: '/commonLabels' },
  { values: 'worker: { podLabels: { app.kubernetes.io/component: mine } }', names: '/worker/podLabels' },
  { values: 'postgresql: { url: "mysql://db/voltgate" }', names: '/postgresql/url' },
  { values: 'redis: { url: "http://cache" }', names: '/redis/url' },
  { values: 'redis: { auth: { password: "a/b@c" } }', names: '/redis/auth/password' },
  { values: 'ingress: { preset: apache }', names: '/ingress/preset' },
  { values: 'ingress: { chargers: { host: "https://x" } }', names: '/ingress/chargers/host' },
  { values: 'ingress: { tls: { minVersion: "1.0" } }', names: '/ingress/tls/minVersion' },
  { values: 'worker: { autoscaling: { type: vpa } }', names: '/worker/autoscaling/type' },
  { values: 'worker: { shutdownSeconds: 1 }', names: '/worker/shutdownSeconds' },
  { values: 'networkPolicy: { ingressFrom: [{ namespace: haproxy }] }', names: '/networkPolicy/ingressFrom/0' },
  { values: 'metrics: { podMonitor: { interval: often } }', names: '/metrics/podMonitor/interval' },
  { values: 'gateway: { drain: { terminationGracePeriodSeconds: 30 } }', names: 'terminationGracePeriodSeconds' },
  { values: 'ingress: { enabled: true, timeoutSeconds: 30 }', names: 'ingress.timeoutSeconds' },
];
