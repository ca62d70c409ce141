import type { CallError, CallResult } from '@voltgate/shared/ocpp16/message.ts';

/** A Call for a charge point. */
export type OutgoingCall = {
  readonly commandId: string;
  readonly action: string;
  readonly payload: unknown;
  readonly timeoutMs: number;
  readonly traceId: string;
};

/** What became of a Call. `aborted` before `sent` = the charger never saw it. */
export type CallOutcome =
  | { readonly outcome: 'answered'; readonly payload: unknown; readonly latencyMs: number }
  | { readonly outcome: 'rejected'; readonly code: string; readonly description: string; readonly latencyMs: number }
  | { readonly outcome: 'timed-out' }
  | { readonly outcome: 'aborted'; readonly sent: boolean; readonly reason: string }
  | { readonly outcome: 'queue-full' };

/** The Calls of the central system to one charge point: one at a time. [OCPP-J 1.6, 4.1.1] */
export type OutgoingCalls = {
  call(request: OutgoingCall): Promise<CallOutcome>;
  /** An answer came in. False when it belongs to no Call of this connection. */
  answered(message: CallResult | CallError): boolean;
  /** The connection is gone: everything is aborted. */
  closed(reason: string): void;
  readonly pending: () => number;
};
