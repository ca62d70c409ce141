import { type Change, hearChanges } from '@voltgate/shared/changes.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Bus } from '@voltgate/shared/ports.ts';
import { CLOSE } from './connection.ts';
import type { Connections } from './connections.ts';
import type { Identities } from './identities.ts';

export type AdministeredOptions = {
  readonly bus: Bus;
  readonly identities: Identities;
  readonly connections: Pick<Connections, 'find'>;
  readonly log: Log;
};

/**
 * Acts on what operators change. What is remembered of the charge point is forgotten at once; if it is connected here and
 * is no more, or is Rejected now, its socket is closed. A new credential counts from its next connection on. The function
 * returned ends it.
 */
export function heedAdministration(options: AdministeredOptions): Promise<() => Promise<void>> {
  const { bus, identities, connections, log } = options;

  async function heed({ chargePointId }: Change): Promise<void> {
    identities.forget(chargePointId);
    if (!connections.find(chargePointId)) return;
    const known = await identities.look(chargePointId);
    // Another connection may have come meanwhile: it was let in by what is true now, and the same is true for it.
    const connection = connections.find(chargePointId);
    if (!connection) return;
    if (known && known.registrationStatus !== 'Rejected') {
      connection.chargePoint = { ...known, registrationStatus: connection.chargePoint.registrationStatus };
      return;
    }
    connection.close(
      CLOSE.policy,
      known ? 'the charge point is rejected' : 'the charge point was removed',
      'administration',
    );
  }

  return hearChanges(bus, (change) => {
    heed(change).catch((error: unknown) =>
      log.warn({ err: error, chargePointId: change.chargePointId }, 'change could not be looked up'),
    );
  });
}
