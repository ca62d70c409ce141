import type { Metrics } from '../metrics.ts';
import type { PostgresStore } from './postgres.ts';
import { isTransient } from './transient.ts';

/**
 * The same store, whose operations are timed, counted when they fail and counted while they run. One operation is one
 * statement per table or one short transaction.
 */
export function measuredStore(store: PostgresStore, metrics: Metrics): PostgresStore {
  metrics.storePoolSize.set(store.sql.options.max);

  function measured<Given extends readonly unknown[], Result>(
    operation: string,
    run: (...given: Given) => Promise<Result>,
  ): (...given: Given) => Promise<Result> {
    const seconds = metrics.storeSeconds.labels({ operation });
    return async (...given) => {
      const startedAtMs = performance.now();
      metrics.storeOperations.inc();
      try {
        return await run(...given);
      } catch (error) {
        metrics.storeFailures.inc({ operation, kind: isTransient(error) ? 'transient' : 'permanent' });
        throw error;
      } finally {
        metrics.storeOperations.dec();
        seconds.observe((performance.now() - startedAtMs) / 1_000);
      }
    };
  }

  return {
    ...store,
    identify: measured('identify', store.identify),
    boot: measured('boot', store.boot),
    seen: measured('seen', store.seen),
    connectorStatuses: measured('connectorStatuses', store.connectorStatuses),
    authorize: measured('authorize', store.authorize),
    startTransaction: measured('startTransaction', store.startTransaction),
    stopTransaction: measured('stopTransaction', store.stopTransaction),
    meterReadings: measured('meterReadings', store.meterReadings),
    events: measured('events', store.events),
    certificateRequest: measured('certificateRequest', store.certificateRequest),
    presence: measured('presence', store.presence),
    flapping: measured('flapping', store.flapping),
    unknownChargePoints: measured('unknownChargePoints', store.unknownChargePoints),
    commandRecords: measured('commandRecords', store.commandRecords),
    frames: measured('frames', store.frames),
    deadLetter: measured('deadLetter', store.deadLetter),
    closeSuspects: measured('closeSuspects', store.closeSuspects),
    takeReapplications: measured('takeReapplications', store.takeReapplications),
    missFollowed: measured('missFollowed', store.missFollowed),
    ensurePartitions: measured('ensurePartitions', store.ensurePartitions),
    findApiKey: measured('findApiKey', store.findApiKey),
    ping: measured('ping', store.ping),
  };
}
