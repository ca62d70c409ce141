import type { Announcer, Happening } from '@voltgate/shared/events.ts';
import type { CommandRecord, ConnectorStatus, FlappingReport, PresenceChange, Store } from '@voltgate/shared/ports.ts';
import type { Aftermath } from './aftermath.ts';

/**
 * The same store, which tells what was committed as live events. What a message itself says is announced as it is; what
 * only the rows know (delivered energy, whose transaction it was) is looked up afterwards, off the message's path.
 */
export function announcing(store: Store, announcer: Announcer, aftermath: Aftermath): Store {
  return {
    ...store,
    async connectorStatuses(statuses) {
      await store.connectorStatuses(statuses);
      announcer.announce(statuses.map(statusEvent));
    },
    async presence(changes) {
      await store.presence(changes);
      announcer.announce(changes.map(presenceEvent));
    },
    async flapping(reports) {
      await store.flapping(reports);
      announcer.announce(reports.map(flappingEvent));
    },
    async commandRecords(records) {
      await store.commandRecords(records);
      // With its Heartbeat a record is said a second time.
      announcer.announce(records.filter(({ heartbeatAtMs }) => heartbeatAtMs === undefined).map(commandEvent));
    },
    async boot(boot) {
      const outcome = await store.boot(boot);
      const { chargePointId } = boot;
      announcer.announce(
        outcome.suspected.map((open) => ({ kind: 'transaction', chargePointId, data: { change: 'suspect', ...open } })),
      );
      return outcome;
    },
    async startTransaction(start) {
      const answer = await store.startTransaction(start);
      const { chargePointId, connectorId, idTag, meterStartWh } = start;
      const { transactionId, idTagInfo } = answer;
      const data = {
        change: 'started',
        transactionId,
        connectorId,
        idTag,
        idTagStatus: idTagInfo.status,
        meterStartWh,
      };
      announcer.announce([{ kind: 'transaction', chargePointId, data }]);
      // A Stop may have come before.
      aftermath.touched([{ ...start, transactionId, change: 'started' }]);
      return answer;
    },
    async stopTransaction(stop) {
      const answer = await store.stopTransaction(stop);
      aftermath.touched([{ ...stop, change: 'stopped' }]);
      return answer;
    },
    async meterReadings(readings) {
      await store.meterReadings(readings);
      aftermath.touched(
        readings.flatMap(({ chargePointId, traceId, transactionId }) =>
          transactionId === undefined ? [] : [{ chargePointId, traceId, transactionId, change: 'metered' as const }],
        ),
      );
    },
  };
}

function statusEvent(said: ConnectorStatus): Happening {
  const { chargePointId, connectorId, status, errorCode, info, vendorErrorCode, statusAt } = said;
  const data = { connectorId, status, errorCode, info, vendorErrorCode, statusAt: statusAt?.toISOString() ?? null };
  return { kind: 'connector-status', chargePointId, atMs: said.receivedAt.getTime(), data };
}

function presenceEvent(change: PresenceChange): Happening {
  const { chargePointId, atMs, online, epoch, gatewayId, connectionId, address, reason, category } = change;
  const data = { online, epoch, gatewayId, connectionId, address, reason, category };
  return { kind: 'presence', chargePointId, atMs, data };
}

function flappingEvent({ chargePointId, takeovers, addresses, lastAtMs }: FlappingReport): Happening {
  return { kind: 'flapping', chargePointId, atMs: lastAtMs, data: { takeovers, addresses } };
}

function commandEvent(record: CommandRecord): Happening {
  const { chargePointId, atMs, commandId, action, status, requestedBy, error, traceId } = record;
  return { kind: 'command', chargePointId, atMs, data: { commandId, action, status, requestedBy, error, traceId } };
}
