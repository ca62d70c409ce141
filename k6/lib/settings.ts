/** Every setting of every script, read once from the environment (`k6 run -e NAME=value`). */
export const settings = {
  /** Ends before the charge point id. */
  ocppUrl: text('OCPP_URL', 'wss://127.0.0.1:9220/ocpp'),
  apiUrl: text('API_URL', 'https://127.0.0.1:9221'),
  /** Of the role admin: it registers chargers and idTags. */
  apiKey: text('API_KEY', ''),
  insecureTls: text('INSECURE_TLS', 'false') === 'true',
  chargers: whole('CHARGERS', 100),
  socketsPerVu: whole('SOCKETS_PER_VU', 50),
  /** How long load lasts; each script has its own default. */
  durationSeconds: (or: number) => positive('DURATION_SECONDS', or),
  /** Begins every charge point id and idTag. */
  prefix: text('PREFIX', 'K6'),
  /** Follows the prefix. Empty: a new one each time, so that nothing is found that another run has left. */
  run: text('RUN', ''),
  password: text('PASSWORD', 'k6-load-test-password'),
  /** Chargers that begin to connect per second, all VUs together. */
  connectRate: positive('CONNECT_RATE', 100),
  reconnectMinMs: number('RECONNECT_MIN_MS', 1_000),
  reconnectMaxMs: number('RECONNECT_MAX_MS', 30_000),
  callTimeoutMs: positive('CALL_TIMEOUT_MS', 30_000),
  /** Wait before a refused transaction message is sent again. */
  retryMs: number('RETRY_MS', 2_000),
  heartbeatSeconds: positive('HEARTBEAT_SECONDS', 60),
  sessionSeconds: positive('SESSION_SECONDS', 60),
  meterIntervalSeconds: positive('METER_INTERVAL_SECONDS', 10),
  /** p95 of the answer to any Call; beyond it the run fails. */
  answerP95Ms: positive('ANSWER_P95_MS', 1_000),
  /** How long what was acknowledged may take to be seen through the API. */
  settleSeconds: number('SETTLE_SECONDS', 60),
  summaryFile: text('SUMMARY_FILE', ''),
  /** Settings that one script alone has: from 0 up, above 0, a count from 1 up, a part of 1. */
  number,
  positive,
  whole,
  share,
} as const;

function text(name: string, or: string): string {
  return __ENV[name] ?? or;
}

function number(name: string, or: number): number {
  return checked(name, or, (value) => value >= 0, 'a number from 0 up');
}

function positive(name: string, or: number): number {
  return checked(name, or, (value) => value > 0, 'a number above 0');
}

function whole(name: string, or: number): number {
  return checked(name, or, (value) => Number.isInteger(value) && value > 0, 'a whole number from 1 up');
}

function share(name: string, or: number): number {
  return checked(name, or, (value) => value >= 0 && value <= 1, 'a number from 0 to 1');
}

/** A run with a number that makes no sense would test nothing, and might pass. */
function checked(name: string, or: number, makesSense: (value: number) => boolean, wanted: string): number {
  const given = text(name, String(or));
  const value = given.trim() === '' ? Number.NaN : Number(given);
  if (!Number.isFinite(value) || !makesSense(value)) throw new Error(`${name} must be ${wanted}, not '${given}'`);
  return value;
}
