/** What one charger counts of itself, from its creation on. */
export type Tally = {
  framesSent: number;
  framesReceived: number;
  /** Frames from the central system that are no OCPP-J message. */
  unreadableFrames: number;
  connects: number;
  /** Connects after the first. */
  reconnects: number;
  /** Upgrades refused or failed. */
  refusedConnects: number;
  /** Calls sent, per action. */
  calls: Record<string, number>;
  /** Calls received, per action. */
  commands: Record<string, number>;
  /** CALLERRORs received, per code. */
  callErrorCodes: Record<string, number>;
  callErrors: number;
  timeouts: number;
  /** Transaction-related messages sent again. */
  retries: number;
  /** Transaction-related messages given up because their attempts were exhausted. */
  dropped: number;
  /** Transaction-related messages lost in a crash. */
  lost: number;
  /** Answers to no Call in flight: late, doubled or invented. */
  unexpectedAnswers: number;
  samplesAcknowledged: number;
  /** Authorizations refused, by the central system or offline by the charger itself. */
  authorizationsRefused: number;
};

/** A tally at zero. */
export function createTally(): Tally {
  return {
    framesSent: 0,
    framesReceived: 0,
    unreadableFrames: 0,
    connects: 0,
    reconnects: 0,
    refusedConnects: 0,
    calls: {},
    commands: {},
    callErrorCodes: {},
    callErrors: 0,
    timeouts: 0,
    retries: 0,
    dropped: 0,
    lost: 0,
    unexpectedAnswers: 0,
    samplesAcknowledged: 0,
    authorizationsRefused: 0,
  };
}

/** Adds one under a name. */
export function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
