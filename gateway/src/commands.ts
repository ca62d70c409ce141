import { type Inbox, NoAnswer } from '@voltgate/shared/inbox.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import { writeJson } from '@voltgate/shared/ocpp16/json.ts';
import type { Bus, Owner, Registry } from '@voltgate/shared/ports.ts';
import type { Command, CommandRecords } from './command-records.ts';
import type { CommandMessage, ServedOutcome } from './serve-commands.ts';
import { tracePublish } from './trace-commands.ts';

/** What became of a command, for the one who gave it. */
export type CommandOutcome =
  | Exclude<ServedOutcome, { outcome: 'not-connected' }>
  /** Nobody owns the charge point, or nobody heard: at once, and nothing was done. */
  | { readonly outcome: 'charge-point-offline' }
  /** The registry or the bus is away, or too many questions are open. */
  | { readonly outcome: 'unavailable' };

/** Who holds a charge point: nobody, or for want of the registry nobody can tell. */
export type Found = Owner | 'nobody' | 'unavailable';

/** Commands from any gateway to any charge point. */
export type Commands = {
  /** Looks for the owner of a charge point; never rejects. One that has an owner is known: no store need be asked. */
  find(chargePointId: string): Promise<Found>;
  /**
   * Sends a command to whom `find` found. Resolves with the charge point's own answer, or with the reason why there is none;
   * never rejects. From here on the command has a record, so the charge point must be known.
   */
  send(command: Command, found: Found): Promise<CommandOutcome>;
};

export type CommandsOptions = {
  readonly registry: Registry;
  readonly bus: Bus;
  readonly inbox: Inbox;
  readonly records: CommandRecords;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The channel of a charge point. */
  readonly channelOf: (chargePointId: string) => string;
  /** Bound on questions this process has open. */
  readonly maxPending: number;
};

/** The owner's own clock ends a command; only when the owner died does this one. */
const MARGIN_MS = 2_000;

/**
 * Finds the owner and sends it the command over the bus, whichever gateway that is. A charge point that reconnected in
 * between is looked for once more: the command was not executed.
 */
export function createCommands(options: CommandsOptions): Commands {
  const { registry, bus, inbox, records, log, metrics } = options;

  async function find(chargePointId: string): Promise<Found> {
    try {
      return (await registry.owner(chargePointId)) ?? 'nobody';
    } catch (error) {
      log.warn({ err: error, chargePointId }, 'owner not found: the registry is away');
      return 'unavailable';
    }
  }

  async function send(given: Command, found: Found): Promise<CommandOutcome> {
    const startedAtMs = performance.now();
    const { command, ended } = tracePublish(given);
    records.note(command, 'queued');
    const outcome = await attempt(command, found);
    noteUnserved(command, outcome);
    ended(outcome.outcome);
    const { action, chargePointId, commandId, traceId } = command;
    metrics.commands.inc({ action, outcome: outcome.outcome });
    metrics.commandSeconds.observe((performance.now() - startedAtMs) / 1_000);
    log.info({ chargePointId, commandId, action, outcome: outcome.outcome, traceId }, 'command ended');
    return outcome;
  }

  async function attempt(command: Command, owner: Found): Promise<CommandOutcome> {
    if (owner === 'unavailable' || inbox.pending() >= options.maxPending) return { outcome: 'unavailable' };
    if (owner === 'nobody') return { outcome: 'charge-point-offline' };
    try {
      const outcome = await ask(owner, command);
      if (outcome.outcome !== 'not-connected') return outcome;
      const successor = await registry.owner(command.chargePointId);
      if (!successor || successor.connectionId === owner.connectionId) return { outcome: 'charge-point-offline' };
      const second = await ask(successor, command);
      return second.outcome === 'not-connected' ? { outcome: 'charge-point-offline' } : second;
    } catch (error) {
      if (error instanceof NotHeard) return { outcome: 'charge-point-offline' };
      // The owner died with it: perhaps it was sent.
      if (error instanceof NoAnswer) return { outcome: 'timed-out' };
      log.warn({ err: error, commandId: command.commandId, traceId: command.traceId }, 'command could not be sent');
      return { outcome: 'unavailable' };
    }
  }

  async function ask({ gatewayId, connectionId, epoch }: Owner, command: Command): Promise<ServedOutcome> {
    const channel = options.channelOf(command.chargePointId);
    const answer = await inbox.request(async (replyTo) => {
      const message: CommandMessage = { type: 'command', gatewayId, connectionId, epoch, replyTo, command };
      if ((await bus.publish(channel, writeJson(message))) === 0) throw new NotHeard();
    }, command.timeoutMs + MARGIN_MS);
    // Those who serve commands answer with nothing else.
    return (answer as { readonly payload: unknown }).payload as ServedOutcome;
  }

  // Where no gateway served it, nobody else records its end.
  function noteUnserved(command: Command, { outcome }: CommandOutcome): void {
    if (outcome === 'charge-point-offline' || outcome === 'unavailable')
      records.note(command, 'aborted', { error: { code: outcome, description: 'it was not sent' } });
    else if (outcome === 'timed-out') records.note(command, 'timed-out');
  }

  return { find, send };
}

/** Nobody listens on the charge point's channel. */
class NotHeard extends Error {
  override readonly name = 'NotHeard';
}
