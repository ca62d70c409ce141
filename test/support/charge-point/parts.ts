import { type Calls, createCalls } from './calls.ts';
import { createClock } from './clock.ts';
import { createConditions } from './conditions.ts';
import { createConfiguration } from './configuration.ts';
import { createConnector } from './connector.ts';
import { createFrames, type Frames } from './frames.ts';
import type { Inside } from './inside.ts';
import { createIntake, type OwnAnswer } from './intake.ts';
import { createLife, type Life } from './life.ts';
import { createLink, type Link } from './link.ts';
import type { Settings } from './options.ts';
import { createOutbox } from './outbox.ts';
import { deviate } from './quirks.ts';
import { createStatuses } from './statuses.ts';
import { count, createTally } from './tally.ts';
import { asPayload, callText, type Message } from './wire.ts';

/** [OCPP 1.6, 9.1] the key is a whole number; this one never runs out. */
const MOST_ATTEMPTS = 2_147_483_647;

/** The parts of one charger, wired together. */
export type Parts = {
  readonly inside: Inside;
  readonly link: Link;
  readonly life: Life;
  readonly frames: Frames;
  readonly send: (text: string, message: Message) => void;
};

/** Wires the parts of one charger; nothing moves before its power is switched on. */
export function createParts(settings: Settings, ownAnswers: ReadonlyMap<string, OwnAnswer>): Parts {
  const { quirks } = settings;
  const clock = createClock(settings);
  const conditions = createConditions();
  const tally = createTally();
  const frames = createFrames(settings.keptFrames);
  const configuration = createConfiguration(settings.connectors, {
    TransactionMessageAttempts: String(Math.min(settings.transactionMessageAttempts, MOST_ATTEMPTS)),
    ...settings.configuration,
  });
  const connectors = Array.from({ length: settings.connectors + 1 }, (_, id) =>
    createConnector(id, settings.registerWh),
  );
  let timeoutsInRow = 0;

  const calls: Calls = createCalls({
    isOpen: () => link.isOpen(),
    send: sendCall,
    timeoutMs: settings.callTimeoutMs,
    onOutcome,
  });
  const life = createLife(
    () => inside,
    () => link,
  );
  const isReady = () => life.isAccepted() && link.isOpen();
  const onProgress = conditions.changed;
  const statuses = createStatuses({ calls, clock, isReady, quirks, onProgress });
  const outbox = createOutbox({
    calls,
    isReady,
    configuration,
    attempts: () => configuration.number('TransactionMessageAttempts'),
    secondMs: settings.secondMs,
    tally,
    onProgress,
    signal: life.signal,
  });
  const inside: Inside = {
    settings,
    clock,
    conditions,
    configuration,
    connectors,
    tally,
    calls,
    statuses,
    outbox,
    memory: {
      localListVersion: 0,
      localList: new Map(),
      chargingProfiles: [],
      certificates: [],
      firmwareVersion: settings.firmwareVersion,
      diagnosticsStatus: 'Idle',
      firmwareStatus: 'Idle',
      logStatus: 'Idle',
    },
    transactions: [],
    samples: [],
    isReady,
    isAccepted: life.isAccepted,
    signal: life.signal,
    bootNow: life.bootNow,
    reboot: life.reboot,
    reconnect: () => link.lose(false),
  };
  const take = createIntake({
    inside,
    frames,
    send,
    ownAnswers,
    onAnswer: () => {
      timeoutsInRow = 0;
    },
  });
  const link: Link = createLink({
    url: () => urlOf(settings),
    subprotocols: quirks.has('no-subprotocol') ? [] : settings.subprotocols,
    headers: () => ({ ...settings.headers, ...credentials(settings, configuration.text('AuthorizationKey')) }),
    tls: settings.tls ?? {},
    autoPong: !quirks.has('no-pong'),
    backoff: settings.backoff,
    random: settings.random,
    onOpen: () => {
      timeoutsInRow = 0;
      life.opened();
    },
    onText: take,
    onClose: life.closed,
    onRefused: () => {
      tally.refusedConnects += 1;
    },
  });

  function send(text: string, message: Message): void {
    tally.framesSent += 1;
    frames.add('sent', text, message);
    link.send(text);
  }

  function sendCall(id: string, action: string, payload: unknown): void {
    count(tally.calls, action);
    if (quirks.has('empty-frames')) send('', { type: 'other' });
    const said = deviate(action, payload, quirks);
    send(callText(id, action, said), { type: 'call', id, action, payload: asPayload(said) });
  }

  function onOutcome(action: string, durationMs: number, outcome: 'result' | 'error' | 'timeout'): void {
    settings.onAnswer?.(action, durationMs, outcome);
    if (outcome === 'error') tally.callErrors += 1;
    if (outcome !== 'timeout') return;
    tally.timeouts += 1;
    timeoutsInRow += 1;
    // A socket on which nothing is answered may be dead: only a new one tells.
    if (timeoutsInRow >= settings.timeoutsBeforeReconnect) link.lose(true);
  }

  return { inside, link, life, frames, send };
}

function credentials({ userName, password }: Settings, authorizationKey: string): Record<string, string> {
  // [OCPP-J 1.6, 6] the key is hex for the bytes of the password.
  const isHex = authorizationKey.length % 2 === 0 && /^[0-9a-f]{2,40}$/i.test(authorizationKey);
  const set = isHex ? Buffer.from(authorizationKey, 'hex') : Buffer.from(authorizationKey);
  const secret = authorizationKey ? set : password;
  if (secret === undefined) return {};
  const pair = Buffer.concat([Buffer.from(`${userName}:`), typeof secret === 'string' ? Buffer.from(secret) : secret]);
  return { authorization: `Basic ${pair.toString('base64')}` };
}

function urlOf({ url, id, quirks }: Settings): string {
  const base = typeof url === 'string' ? url : url();
  return `${base.replace(/\/$/, '')}/${encodeURIComponent(id)}${quirks.has('trailing-slash') ? '/' : ''}`;
}
