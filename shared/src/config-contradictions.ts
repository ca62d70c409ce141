/** Values of settings by name; one that is wrong by itself is missing. */
type Values = Readonly<Record<string, unknown>>;

/** What must hold between settings, each good by itself. `says` names all of them. */
type Rule = {
  readonly holds: (values: Values) => boolean;
  readonly says: (values: Values) => string;
};

const LEASE_RENEWALS = 3;
/** [RFC 6455, 7.4] In between are codes that are never sent, and some that would blame the charger. */
const DRAIN_CLOSE_CODES: readonly unknown[] = [1001, 1012];

const rules: readonly Rule[] = [
  {
    // One renewal may be lost, and one more be late, before chargers lose their owner.
    holds: ({ leaseTtlMs, leaseRenewMs }) => isAtLeast(leaseTtlMs, LEASE_RENEWALS, leaseRenewMs),
    says: ({ leaseTtlMs, leaseRenewMs }) =>
      `LEASE_TTL_MS (${leaseTtlMs}) must be at least ${LEASE_RENEWALS} x LEASE_RENEW_MS (${leaseRenewMs})`,
  },
  {
    // Cut short before Redis has failed, a shutdown could tell neither what was written nor what was not.
    holds: ({ shutdownTimeoutMs, redisTimeoutMs }) => isMore(shutdownTimeoutMs, redisTimeoutMs),
    says: ({ shutdownTimeoutMs, redisTimeoutMs }) =>
      `SHUTDOWN_TIMEOUT_MS (${shutdownTimeoutMs}) must be more than REDIS_TIMEOUT_MS (${redisTimeoutMs})`,
  },
  {
    holds: ({ drainCloseCode }) => drainCloseCode === undefined || DRAIN_CLOSE_CODES.includes(drainCloseCode),
    says: ({ drainCloseCode }) => `DRAIN_CLOSE_CODE must be 1001 or 1012, not '${drainCloseCode}'`,
  },
  {
    holds: ({ otelTracesSamplerArg: ratio }) => ratio === undefined || isRatio(String(ratio)),
    says: ({ otelTracesSamplerArg }) => `OTEL_TRACES_SAMPLER_ARG must be from 0 to 1, not '${otelTracesSamplerArg}'`,
  },
  {
    holds: ({ redisSentinels, redisCluster }) => !redisSentinels || redisCluster !== true,
    says: () => 'REDIS_SENTINELS and REDIS_CLUSTER=true exclude each other',
  },
  {
    holds: ({ redisSentinels }) => typeof redisSentinels !== 'string' || isListOfHosts(redisSentinels),
    says: ({ redisSentinels }) => `REDIS_SENTINELS must be host:port with commas, not '${redisSentinels}'`,
  },
  {
    // Without a proxy that is believed the header would be ignored, and nobody of profile 3 could connect.
    holds: ({ clientCertificateHeader, trustedProxies }) => !clientCertificateHeader || trustedProxies !== '',
    says: () => 'CLIENT_CERTIFICATE_HEADER needs TRUSTED_PROXIES: of nobody else is it believed',
  },
  {
    holds: ({ clientCertificateHeader: name }) => typeof name !== 'string' || /^[\w-]*$/.test(name),
    says: ({ clientCertificateHeader }) =>
      `CLIENT_CERTIFICATE_HEADER must be the name of a header, not '${clientCertificateHeader}'`,
  },
];

/** In words, what is wrong between settings that are right each for itself; empty when nothing is. */
export function contradictions(values: Values): string[] {
  return rules.filter(({ holds }) => !holds(values)).map(({ says }) => says(values));
}

// A value that is missing is a fault already.
function isAtLeast(value: unknown, times: number, other: unknown): boolean {
  return typeof value !== 'number' || typeof other !== 'number' || value >= times * other;
}

function isRatio(text: string): boolean {
  return text === '' || (Number(text) >= 0 && Number(text) <= 1);
}

function isMore(value: unknown, other: unknown): boolean {
  return typeof value !== 'number' || typeof other !== 'number' || value > other;
}

function isListOfHosts(text: string): boolean {
  const hosts = text === '' ? [] : text.split(',').map((word) => word.trim());
  return hosts.every((host) => /^[^/@?#]+$/.test(host) && URL.canParse(`redis://${host}`));
}
