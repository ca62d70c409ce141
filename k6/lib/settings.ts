/** Every setting of every script, read once from the environment (`k6 run -e NAME=value`). */
export const settings = {
  /** Ends before the charge point id. */
  ocppUrl: text('OCPP_URL', 'wss://127.0.0.1:9220/ocpp'),
  apiUrl: text('API_URL', 'https://127.0.0.1:9221'),
  /** Of the role admin: it registers chargers and idTags. */
  apiKey: text('API_KEY', ''),
  insecureTls: text('INSECURE_TLS', 'false') === 'true',
  chargers: number('CHARGERS', 100),
  socketsPerVu: number('SOCKETS_PER_VU', 50),
  /** How long load lasts; each script has its own default. */
  durationSeconds: (or: number) => number('DURATION_SECONDS', or),
  /** Begins every charge point id and idTag. */
  prefix: text('PREFIX', 'K6'),
  /** Follows the prefix. Empty: a new one each time, so that nothing is found that another run has left. */
  run: text('RUN', ''),
  password: text('PASSWORD', 'k6-load-test-password'),
  /** Chargers that begin to connect per second, all VUs together. */
  connectRate: number('CONNECT_RATE', 100),
  reconnectMinMs: number('RECONNECT_MIN_MS', 1_000),
  reconnectMaxMs: number('RECONNECT_MAX_MS', 30_000),
  callTimeoutMs: number('CALL_TIMEOUT_MS', 30_000),
  /** Wait before a refused transaction message is sent again. */
  retryMs: number('RETRY_MS', 2_000),
  heartbeatSeconds: number('HEARTBEAT_SECONDS', 60),
  sessionSeconds: number('SESSION_SECONDS', 60),
  meterIntervalSeconds: number('METER_INTERVAL_SECONDS', 10),
  /** p95 of the answer to any Call; beyond it the run fails. */
  answerP95Ms: number('ANSWER_P95_MS', 1_000),
  /** How long what was acknowledged may take to be seen through the API. */
  settleSeconds: number('SETTLE_SECONDS', 60),
  summaryFile: text('SUMMARY_FILE', ''),
  /** A setting that one script alone has. */
  number,
} as const;

function text(name: string, or: string): string {
  return __ENV[name] ?? or;
}

function number(name: string, or: number): number {
  const value = Number(__ENV[name] ?? or);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} must be a number from 0 up`);
  return value;
}
