import { clearInterval, setInterval } from 'k6/timers';
import { type Calls, createCalls, type Payload, type Respond } from './calls.ts';
import {
  connectDuration,
  expectedCloses,
  faults,
  offlineDuration,
  refusedConnects,
  retries,
  unexpectedCloses,
} from './metrics.ts';
import { pause } from './pause.ts';
import { settings } from './settings.ts';
import { openSocket, type Socket } from './socket.ts';

/** A charger that stays connected until it is stopped, and delivers what it has to tell however often that takes. */
export type ChargePoint = {
  readonly id: string;
  /** Connects and boots. Resolves when it is accepted for the first time. */
  start(): Promise<void>;
  isReady(): boolean;
  /** Resolves when it is connected and accepted. */
  ready(): Promise<void>;
  /** A Call that is sent once; undefined when nothing came back. */
  call(action: string, payload: Payload): Promise<Payload | undefined>;
  /** A transaction message: sent again after a CALLERROR, silence or a lost connection, in the order given. [OCPP 1.6, 3.7] */
  deliver(action: string, payload: () => Payload): Promise<Payload | undefined>;
  /** Resolves when everything is delivered, at the latest after so many ms; what is left counts as undelivered. */
  flush(withinMs: number): Promise<void>;
  /** Drops the connection; it comes back by itself, without delay if so wished. */
  cut(reconnectAtOnce?: boolean): void;
  stop(): void;
};

export type ChargePointOptions = {
  readonly id: string;
  /** Codes with which the central system may close. Default none. */
  readonly expectedCodes?: readonly number[];
  readonly respond?: Respond;
  /** Default: what a charger of three phases would say. */
  readonly boot?: Payload;
};

const NORMAL = 1000;
const STEP_MS = 50;
const BOOT: Payload = { chargePointVendor: 'k6', chargePointModel: 'load', firmwareVersion: '1' };

/**
 *   connecting --open--> booting --Accepted--> ready --close--> waiting (jittered, doubling) --> connecting
 *        \__________________\__________________________________^
 */
export function createChargePoint(options: ChargePointOptions): ChargePoint {
  const { id, expectedCodes = [], respond = accept, boot = BOOT } = options;
  let socket: Socket | undefined;
  let calls: Calls | undefined;
  let ready = false;
  let stopped = false;
  let cutting = false;
  let atOnce = false;
  let connections = 0;
  let failures = 0;
  let offlineSinceMs: number | undefined;
  let heartbeat = 0;
  let queued = 0;
  let outbox: Promise<unknown> = Promise.resolve();

  function connect(): void {
    const startedAtMs = Date.now();
    const prefix = `${++connections}-`;
    let opened = false;
    const own = openSocket(id, {
      opened() {
        opened = true;
        connectDuration.add(Date.now() - startedAtMs);
        calls = createCalls(prefix, (text) => own.send(text), respond);
        void bootUp(calls);
      },
      received: (text) => calls?.received(text),
      closed: (code) => closed(opened, code),
    });
    socket = own;
  }

  async function bootUp(own: Calls): Promise<void> {
    const answer = await own.call('BootNotification', boot);
    if (own !== calls) return;
    // Told to wait, or not answered: as an impatient charger, it begins again with a new connection.
    if (!('conf' in answer) || answer.conf.status !== 'Accepted') return cut();
    for (const connectorId of [0, 1])
      await own.call('StatusNotification', { connectorId, status: 'Available', errorCode: 'NoError' });
    if (own !== calls) return;
    ready = true;
    failures = 0;
    if (offlineSinceMs !== undefined) offlineDuration.add(Date.now() - offlineSinceMs);
    offlineSinceMs = undefined;
    heartbeat = setInterval(() => void own.call('Heartbeat', {}), settings.heartbeatSeconds * 1_000);
  }

  function closed(opened: boolean, code: number | undefined): void {
    clearInterval(heartbeat);
    calls?.closed();
    calls = undefined;
    socket = undefined;
    ready = false;
    offlineSinceMs ??= Date.now();
    if (!opened) refusedConnects.add(1);
    else {
      const expected = stopped || cutting || (code !== undefined && expectedCodes.includes(code));
      (expected ? expectedCloses : unexpectedCloses).add(1, { code: String(code) });
    }
    if (!stopped) void reconnect();
  }

  async function reconnect(): Promise<void> {
    const mostMs = Math.min(settings.reconnectMaxMs, settings.reconnectMinMs * 2 ** failures++);
    const waitMs = atOnce ? 0 : mostMs * (0.5 + Math.random() / 2);
    cutting = false;
    atOnce = false;
    await pause(waitMs);
    if (!stopped) connect();
  }

  function cut(reconnectAtOnce = false): void {
    cutting = true;
    atOnce = reconnectAtOnce;
    socket?.close(NORMAL);
  }

  async function whenReady(): Promise<void> {
    while (!ready && !stopped) await pause(STEP_MS);
  }

  async function send(action: string, payload: () => Payload): Promise<Payload | undefined> {
    for (let attempt = 1; ; attempt++) {
      await whenReady();
      if (stopped) return undefined;
      if (attempt > 1) retries.add(1, { action });
      const answer = await calls?.call(action, payload());
      if (answer && 'conf' in answer) return answer.conf;
      if (answer?.why === 'refused') await pause(settings.retryMs);
    }
  }

  return {
    id,
    async start() {
      connect();
      await whenReady();
    },
    isReady: () => ready,
    ready: whenReady,
    async call(action, payload) {
      const answer = await calls?.call(action, payload);
      return answer && 'conf' in answer ? answer.conf : undefined;
    },
    deliver(action, payload) {
      queued += 1;
      const delivered = outbox.then(() => send(action, payload));
      outbox = delivered.then((conf) => {
        if (conf) queued -= 1;
      });
      return delivered;
    },
    async flush(withinMs) {
      const endMs = Date.now() + withinMs;
      while (queued > 0 && Date.now() < endMs) await pause(STEP_MS);
      faults.undelivered.add(queued);
    },
    cut,
    stop() {
      stopped = true;
      socket?.close(NORMAL);
    },
  };
}

const ACCEPTING = /^(?:Change|Clear|DataTransfer|Remote|Reset|Trigger|Unlock|Set)/;

/** What a charger without opinions says. */
async function accept(action: string): Promise<Payload | undefined> {
  if (action === 'GetConfiguration') return { configurationKey: [], unknownKey: [] };
  return ACCEPTING.test(action) ? { status: 'Accepted' } : undefined;
}
