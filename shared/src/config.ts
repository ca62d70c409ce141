/**
 * Every setting of every program, read once from the environment. Adding one is one line below; the table in the
 * README is generated from this list.
 */

import { contradictions } from './config-contradictions.ts';

export type Program = 'gateway' | 'worker' | 'standalone' | 'migrate';

type Common = {
  readonly env: string;
  readonly description: string;
  readonly programs: readonly Program[];
  readonly unit?: string;
  /** Never printed. */
  readonly secret?: boolean;
};
type IntegerSetting = Common & {
  readonly type: 'integer';
  readonly default: number;
  readonly min: number;
  readonly max: number;
};
type TextSetting = Common & { readonly type: 'text'; readonly default: string };
type FlagSetting = Common & { readonly type: 'flag'; readonly default: boolean };
type UrlSetting = Common & {
  readonly type: 'url';
  readonly default: string;
  readonly schemes: readonly string[];
  /** Programs that cannot start without it. */
  readonly requiredBy: readonly Program[];
};
type ChoiceSetting<T extends string = string> = Common & {
  readonly type: 'choice';
  readonly default: T;
  readonly choices: readonly T[];
};
export type Setting = IntegerSetting | TextSetting | FlagSetting | UrlSetting | ChoiceSetting;

const all: readonly Program[] = ['gateway', 'worker', 'standalone', 'migrate'];
const chargers: readonly Program[] = ['gateway', 'standalone'];
const handling: readonly Program[] = ['worker', 'standalone'];
const serving: readonly Program[] = ['gateway', 'worker', 'standalone'];

const integer = (
  env: string,
  fallback: number,
  min: number,
  max: number,
  unit: string,
  programs: readonly Program[],
  description: string,
) => ({ type: 'integer', env, default: fallback, min, max, unit, programs, description }) as const;
const text = (env: string, fallback: string, programs: readonly Program[], description: string) =>
  ({ type: 'text', env, default: fallback, programs, description }) as const;
const flag = (env: string, fallback: boolean, programs: readonly Program[], description: string) =>
  ({ type: 'flag', env, default: fallback, programs, description }) as const;
const url = (
  env: string,
  schemes: readonly string[],
  requiredBy: readonly Program[],
  programs: readonly Program[],
  description: string,
) => ({ type: 'url', env, default: '', schemes, requiredBy, programs, description, secret: true }) as const;
const choice = <const T extends string>(
  env: string,
  choices: readonly T[],
  fallback: NoInfer<T>,
  programs: readonly Program[],
  description: string,
) => ({ type: 'choice', env, default: fallback, choices, programs, description }) as const satisfies ChoiceSetting<T>;

export const settings = {
  databaseUrl: url(
    'DATABASE_URL',
    ['postgres:', 'postgresql:'],
    all,
    all,
    'Postgres. TLS when it says `sslmode=require` or stricter.',
  ),
  databasePool: integer(
    'DATABASE_POOL',
    10,
    1,
    200,
    'connections',
    serving,
    'Most Postgres connections of this process.',
  ),
  redisUrl: url(
    'REDIS_URL',
    ['redis:', 'rediss:'],
    ['gateway', 'worker'],
    ['gateway', 'worker'],
    'Redis for messages between processes, and for the queue when QUEUE_REDIS_URL is not set.',
  ),
  queueRedisUrl: url(
    'QUEUE_REDIS_URL',
    ['redis:', 'rediss:'],
    [],
    ['gateway', 'worker'],
    'Redis of the queue and of Idempotency-Keys: append-only file on, `maxmemory-policy noeviction`. Default: REDIS_URL.',
  ),
  redisCluster: flag(
    'REDIS_CLUSTER',
    false,
    ['gateway', 'worker'],
    'REDIS_URL names one node of a Redis Cluster (7 or newer). QUEUE_REDIS_URL, when set, is always a single Redis.',
  ),
  redisSentinels: text(
    'REDIS_SENTINELS',
    '',
    ['gateway', 'worker'],
    'Redis Sentinels, `host:port` with commas. The host in REDIS_URL and QUEUE_REDIS_URL is then the name they know the primary by.',
  ),
  redisSentinelPassword: text(
    'REDIS_SENTINEL_PASSWORD',
    '',
    ['gateway', 'worker'],
    'What the Sentinels themselves ask for, if anything.',
  ),
  redisTimeoutMs: integer(
    'REDIS_TIMEOUT_MS',
    3_000,
    100,
    60_000,
    'ms',
    ['gateway', 'worker'],
    'A Redis command unanswered for so long has failed.',
  ),
  host: text('HOST', '0.0.0.0', serving, 'Address to listen on.'),
  ocppPort: integer('OCPP_PORT', 9220, 0, 65_535, 'port', chargers, 'Chargers connect here; 0 takes any free port.'),
  apiPort: integer('API_PORT', 9221, 0, 65_535, 'port', chargers, 'HTTP API and its docs; 0 takes any free port.'),
  apiKeyFreshMs: integer(
    'API_KEY_FRESH_MS',
    5_000,
    0,
    3_600_000,
    'ms',
    chargers,
    'An API key that was found so recently is not looked up again: a withdrawn key works at most that long.',
  ),
  apiKeyStaleMs: integer(
    'API_KEY_STALE_MS',
    600_000,
    0,
    86_400_000,
    'ms',
    chargers,
    'An API key, or its absence, found so recently is believed while Postgres is away; 0 = then nobody is let in.',
  ),
  opsPort: integer(
    'OPS_PORT',
    9222,
    0,
    65_535,
    'port',
    serving,
    'Probes and metrics: `/livez`, `/readyz`, `/metrics`. Each program on one machine needs its own; 0 takes any free port.',
  ),
  gatewayId: text(
    'GATEWAY_ID',
    '',
    chargers,
    'Name of this gateway; its id is the name and the start time. Default: host name and process id.',
  ),
  workerId: text(
    'WORKER_ID',
    '',
    ['worker'],
    'Name of this worker; its id is the name and the start time. Default: host name and process id.',
  ),
  logLevel: choice(
    'LOG_LEVEL',
    ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    'info',
    all,
    'Least severe log line that is written.',
  ),
  shutdownTimeoutMs: integer(
    'SHUTDOWN_TIMEOUT_MS',
    25_000,
    1_000,
    600_000,
    'ms',
    serving,
    'A graceful shutdown taking longer is cut short. More than REDIS_TIMEOUT_MS; the drain comes on top.',
  ),

  unknownChargePoints: choice(
    'UNKNOWN_CHARGE_POINTS',
    ['refuse', 'adopt'],
    'refuse',
    chargers,
    'What to do with an identity nobody registered: 404, or let it in and register it.',
  ),
  allowProfile0: flag(
    'ALLOW_PROFILE_0',
    false,
    chargers,
    'Let in charge points that have no credential (security profile 0). For local use.',
  ),
  basicAuthUser: choice(
    'BASIC_AUTH_USER',
    ['charge-point-id', 'any'],
    'charge-point-id',
    chargers,
    'User name chargers must send with their password.',
  ),
  missingSubprotocol: choice(
    'MISSING_SUBPROTOCOL',
    ['assume', 'refuse'],
    'assume',
    chargers,
    'Chargers that offer no WebSocket subprotocol: take them as ocpp1.6, or 400.',
  ),
  trustedProxies: text(
    'TRUSTED_PROXIES',
    '',
    chargers,
    'Networks (CIDR, comma separated) whose X-Forwarded-For, X-Forwarded-Proto and CLIENT_CERTIFICATE_HEADER are believed.',
  ),
  clientCertificateHeader: text(
    'CLIENT_CERTIFICATE_HEADER',
    '',
    chargers,
    'Header in which a trusted proxy names the client certificate it verified: its common name or its subject, for security profile 3. Empty = off.',
  ),
  identityCacheMs: integer(
    'IDENTITY_CACHE_MS',
    30_000,
    0,
    3_600_000,
    'ms',
    chargers,
    'How long a gateway trusts what it knows of a charge point before it asks again.',
  ),
  maxMessageBytes: integer(
    'MAX_MESSAGE_BYTES',
    1_048_576,
    16_384,
    16_777_216,
    'bytes',
    chargers,
    'A longer frame closes the connection. StopTransaction with transactionData can be long.',
  ),
  maxBackpressureBytes: integer(
    'MAX_BACKPRESSURE_BYTES',
    1_048_576,
    65_536,
    67_108_864,
    'bytes',
    chargers,
    'A charger that leaves more unread is disconnected.',
  ),
  pingIntervalMs: integer(
    'PING_INTERVAL_MS',
    45_000,
    1_000,
    600_000,
    'ms',
    chargers,
    'WebSocket ping to every charger. Shorter than any idle timer on the way. One that never pongs may be silent for 2.5 heartbeat intervals.',
  ),
  maxIntake: integer(
    'MAX_INTAKE',
    100,
    1,
    10_000,
    'messages',
    chargers,
    'Unanswered messages one charger may have; beyond them the connection is closed as a flood.',
  ),
  leaseTtlMs: integer(
    'LEASE_TTL_MS',
    10_000,
    500,
    300_000,
    'ms',
    chargers,
    'A gateway that gives no sign of life for so long owns no charger any more. At least 3 x LEASE_RENEW_MS.',
  ),
  leaseRenewMs: integer(
    'LEASE_RENEW_MS',
    3_000,
    100,
    60_000,
    'ms',
    chargers,
    'How often a gateway gives a sign of life.',
  ),
  messagesPerSecond: integer(
    'MESSAGES_PER_SECOND',
    100,
    1,
    100_000,
    'messages/s',
    chargers,
    'Frames one charger may send, with a reserve of ten seconds; beyond them the connection is closed as a flood.',
  ),
  unansweredCallsLimit: integer(
    'UNANSWERED_CALLS_LIMIT',
    5,
    1,
    1_000,
    'calls',
    chargers,
    'A charger that leaves so many calls in a row unanswered is disconnected, to come back afresh.',
  ),
  upgradesPerSecond: integer(
    'UPGRADES_PER_SECOND',
    500,
    1,
    100_000,
    'upgrades/s',
    chargers,
    'Connections taken per second, with a burst of twice as many; beyond them 503 with Retry-After.',
  ),
  maxAuthentications: integer(
    'MAX_AUTHENTICATIONS',
    1_000,
    1,
    100_000,
    'upgrades',
    chargers,
    'Handshakes waiting for their verdict; beyond them 503 with Retry-After.',
  ),
  failedLoginsPerMinute: integer(
    'FAILED_LOGINS_PER_MINUTE',
    20,
    0,
    100_000,
    'logins',
    chargers,
    'An address with so many wrong credentials gets 429 for a minute; 0 never. Behind a proxy set TRUSTED_PROXIES.',
  ),
  drainDelayMs: integer(
    'DRAIN_DELAY_MS',
    10_000,
    0,
    600_000,
    'ms',
    ['gateway'],
    'How long a stopping gateway, already not ready, waits for load balancers before it closes sockets.',
  ),
  drainRate: integer(
    'DRAIN_RATE',
    170,
    1,
    100_000,
    'sockets/s',
    chargers,
    'Pace at which a stopping gateway closes sockets.',
  ),
  drainCloseCode: integer(
    'DRAIN_CLOSE_CODE',
    1001,
    1001,
    1012,
    'code',
    chargers,
    'Close code of a stopping gateway: 1001 (going away), or 1012 (service restart) for chargers that know it. No other.',
  ),
  rebalance: choice(
    'REBALANCE',
    ['off', 'on'],
    'off',
    ['gateway'],
    'A gateway with far more chargers than the others disconnects idle ones, to be spread anew.',
  ),
  rebalanceAbove: integer(
    'REBALANCE_ABOVE',
    20,
    1,
    1_000,
    '%',
    ['gateway'],
    'How far above the mean of all gateways rebalancing begins.',
  ),
  rebalanceRate: integer('REBALANCE_RATE', 5, 1, 1_000, 'sockets/s', ['gateway'], 'Pace of rebalancing.'),
  flapTakeovers: integer(
    'FLAP_TAKEOVERS',
    5,
    1,
    10_000,
    'takeovers',
    chargers,
    'More of them within FLAP_WINDOW_MS are reported: two devices have one id.',
  ),
  flapWindowMs: integer('FLAP_WINDOW_MS', 60_000, 1_000, 86_400_000, 'ms', chargers, 'See FLAP_TAKEOVERS.'),
  askTimeoutMs: integer(
    'ASK_TIMEOUT_MS',
    10_000,
    100,
    120_000,
    'ms',
    chargers,
    'Longest wait for a worker; then the charger gets CALLERROR InternalError and retries.',
  ),
  outgoingQueue: integer(
    'OUTGOING_QUEUE',
    50,
    1,
    1_000,
    'commands',
    chargers,
    'Commands that may wait behind the one a charger is answering; beyond them the caller gets 429.',
  ),
  commandTimeoutMs: integer(
    'COMMAND_TIMEOUT_MS',
    30_000,
    100,
    600_000,
    'ms',
    chargers,
    'How long a charger may take to answer a command, unless the caller says; slow actions get longer.',
  ),
  tellBatchMs: integer(
    'TELL_BATCH_MS',
    5,
    0,
    1_000,
    'ms',
    chargers,
    'Longest wait of a told message for companions in one job.',
  ),
  tellBatchSize: integer('TELL_BATCH_SIZE', 200, 1, 5_000, 'messages', chargers, 'Most told messages in one job.'),
  maxPending: integer(
    'MAX_PENDING',
    20_000,
    1,
    1_000_000,
    'messages',
    chargers,
    'Messages of all chargers waiting to be accepted; beyond them chargers get CALLERROR.',
  ),
  lastSeenIntervalMs: integer(
    'LAST_SEEN_INTERVAL_MS',
    30_000,
    100,
    3_600_000,
    'ms',
    chargers,
    'How often last-seen times are written.',
  ),
  authorizeWhenAway: choice(
    'AUTHORIZE_WHEN_AWAY',
    ['Invalid', 'Accepted'],
    'Invalid',
    chargers,
    'Answer to Authorize while no worker answers.',
  ),
  heartbeatIntervalSeconds: integer(
    'HEARTBEAT_INTERVAL_SECONDS',
    300,
    1,
    86_400,
    's',
    serving,
    'Heartbeat interval given to accepted chargers.',
  ),
  bootRetryIntervalSeconds: integer(
    'BOOT_RETRY_INTERVAL_SECONDS',
    60,
    1,
    86_400,
    's',
    serving,
    'When a Pending or Rejected charger should boot again.',
  ),
  frameLog: choice('FRAME_LOG', ['on', 'off'], 'on', chargers, 'The message log: every frame in both directions.'),
  frameLogRedactIdTags: flag(
    'FRAME_LOG_REDACT_ID_TAGS',
    true,
    chargers,
    'The message log shows idTags as a short digest. Passwords and AuthorizationKeys are never shown.',
  ),
  frameLogMaxText: integer(
    'FRAME_LOG_MAX_TEXT',
    4_096,
    64,
    1_048_576,
    'characters',
    chargers,
    'Longer frames are cut in the message log.',
  ),
  frameLogBuffer: integer(
    'FRAME_LOG_BUFFER',
    10_000,
    1,
    1_000_000,
    'frames',
    chargers,
    'Frames waiting to be logged; beyond them frames are dropped from the log and counted.',
  ),
  frameLogRate: integer(
    'FRAME_LOG_RATE',
    4_000,
    1,
    1_000_000,
    'frames/s',
    chargers,
    'Frames a gateway logs per second; beyond them frames are dropped from the log and counted.',
  ),
  eventWindow: integer(
    'EVENT_WINDOW',
    10_000,
    0,
    1_000_000,
    'events',
    chargers,
    'Newest live events a gateway keeps for clients that come back.',
  ),

  tellConcurrency: integer(
    'TELL_CONCURRENCY',
    4,
    1,
    100,
    'jobs',
    handling,
    'Jobs of told messages handled at one time.',
  ),
  askConcurrency: integer('ASK_CONCURRENCY', 20, 1, 500, 'jobs', handling, 'Asks handled at one time.'),
  suspectDelayMs: integer(
    'SUSPECT_DELAY_MS',
    300_000,
    1_000,
    86_400_000,
    'ms',
    handling,
    'How long a transaction left open across a boot waits for its Stop before it is closed with its last meter value.',
  ),
  reapIntervalMs: integer(
    'REAP_INTERVAL_MS',
    3_000,
    100,
    300_000,
    'ms',
    handling,
    'How often gateways are looked for that died; their chargers are then shown offline.',
  ),
  reapplyDelayMs: integer(
    'REAPPLY_DELAY_MS',
    10_000,
    0,
    3_600_000,
    'ms',
    handling,
    'How long after a boot a connector that was to be Inoperative may show it before it is told so again.',
  ),
  scheduleIntervalMs: integer(
    'SCHEDULE_INTERVAL_MS',
    15_000,
    100,
    3_600_000,
    'ms',
    handling,
    'How often suspect transactions, partitions and retention are looked after.',
  ),
  meterValueRetentionDays: integer(
    'METER_VALUE_RETENTION_DAYS',
    0,
    0,
    36_500,
    'days',
    handling,
    'Meter values older than this are dropped, a day at a time; 0 keeps them for ever.',
  ),
  frameRetentionDays: integer(
    'FRAME_RETENTION_DAYS',
    7,
    0,
    36_500,
    'days',
    handling,
    'The message log is kept for so long, a day at a time; 0 keeps it for ever.',
  ),

  otlpEndpoint: url(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    ['http:', 'https:'],
    [],
    serving,
    'OTLP/HTTP collector, usually port 4318: turns traces on, sent as JSON to its /v1/traces.',
  ),
  otlpTracesEndpoint: url(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    ['http:', 'https:'],
    [],
    serving,
    'The same with the whole path; wins over OTEL_EXPORTER_OTLP_ENDPOINT.',
  ),
  otelSdkDisabled: flag('OTEL_SDK_DISABLED', false, serving, 'Keeps traces off whatever else is set.'),
  otelServiceName: text(
    'OTEL_SERVICE_NAME',
    '',
    serving,
    'Service name in traces. Default: voltgate-gateway and so on.',
  ),
  otelResourceAttributes: text(
    'OTEL_RESOURCE_ATTRIBUTES',
    '',
    serving,
    'More about the process in traces: name=value, comma separated.',
  ),
  otelTracesSampler: choice(
    'OTEL_TRACES_SAMPLER',
    [
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ],
    'parentbased_always_on',
    serving,
    'Which traces are kept. Loaded gateways want parentbased_traceidratio.',
  ),
  otelTracesSamplerArg: text(
    'OTEL_TRACES_SAMPLER_ARG',
    '',
    serving,
    'For the samplers by ratio: how many of all, from 0 to 1. Default: all.',
  ),
} as const satisfies Record<string, Setting>;

type ValueOf<S> = S extends { type: 'integer' }
  ? number
  : S extends { type: 'flag' }
    ? boolean
    : S extends { type: 'choice'; choices: readonly (infer T)[] }
      ? T
      : string;

export type Config = { readonly [Name in keyof typeof settings]: ValueOf<(typeof settings)[Name]> };

/** Something is wrong with the settings; the message lists every fault in one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads and freezes the settings of one program. Throws ConfigError naming every wrong one. */
export function readConfig(
  program: Program,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const faults: string[] = [];
  const values: Record<string, string | number | boolean> = {};
  for (const [name, setting] of Object.entries(settings) as [string, Setting][]) {
    const given = environment[setting.env]?.trim();
    const used = setting.programs.includes(program);
    const value = given === undefined || given === '' || !used ? setting.default : parse(setting, given);
    if (value === undefined)
      faults.push(`${setting.env} must be ${expected(setting)}${setting.secret ? '' : `, not '${given}'`}`);
    else if (value === '' && setting.type === 'url' && setting.requiredBy.includes(program))
      faults.push(`${setting.env} must be set to ${expected(setting)}`);
    else values[name] = value;
  }
  faults.push(...contradictions(values));
  if (faults.length > 0) throw new ConfigError(`${program}: ${faults.join('; ')}`);
  // Every name of `settings` was given a value of its own type just above.
  return Object.freeze(values) as unknown as Config;
}

/** What a setting accepts, in words. */
export function expected(setting: Setting): string {
  switch (setting.type) {
    case 'integer':
      return `a whole number from ${setting.min} to ${setting.max}`;
    case 'flag':
      return 'true or false';
    case 'choice':
      return `one of ${setting.choices.join(', ')}`;
    case 'url':
      return `a URL starting with ${setting.schemes.map((scheme) => `${scheme}//`).join(' or ')}`;
    case 'text':
      return 'text';
  }
}

function parse(setting: Setting, given: string): string | number | boolean | undefined {
  switch (setting.type) {
    case 'integer': {
      const value = /^-?\d+$/.test(given) ? Number(given) : Number.NaN;
      return value >= setting.min && value <= setting.max ? value : undefined;
    }
    case 'flag':
      return given === 'true' ? true : given === 'false' ? false : undefined;
    case 'choice':
      return setting.choices.includes(given) ? given : undefined;
    case 'url':
      return URL.canParse(given) && setting.schemes.includes(new URL(given).protocol) ? given : undefined;
    case 'text':
      return given;
  }
}
