import type { Static } from '@sinclair/typebox';
import type { getConfiguration } from '@voltgate/shared/ocpp16/outgoing/get-configuration.ts';
import type { Db } from '@voltgate/shared/store/client.ts';
import { readConfiguration } from '@voltgate/shared/store/read-configuration.ts';

type Asked = Static<typeof getConfiguration.request>;
type Told = Static<typeof getConfiguration.response>;

/** [OCPP 1.6, core profile] how many keys one GetConfiguration may name. */
const MAX_KEYS = 'GetConfigurationMaxKeys';
const MOST_KNOWN_KEYS = 10_000;

/**
 * GetConfiguration in as many Calls as the charge point's own GetConfigurationMaxKeys asks for, one after the other, and their
 * answers as one. Without keys it asks for those that `known` gives; when there are none, for all at once. Rejects with the
 * first Call that fails.
 */
export async function getConfigurationInBatches(
  known: () => Promise<string[]>,
  asked: Asked,
  call: (payload: Asked) => Promise<Told>,
): Promise<Told> {
  const keys = asked.key ?? (await known());
  if (keys.length === 0) return await call(asked);
  const limit = await call({ key: [MAX_KEYS] });
  const size = maxKeysOf(limit) ?? keys.length;
  const answers: Told[] = [];
  for (let from = 0; from < keys.length; from += size) answers.push(await call({ key: keys.slice(from, from + size) }));
  return {
    configurationKey: answers.flatMap((answer) => answer.configurationKey ?? []),
    unknownKey: answers.flatMap((answer) => answer.unknownKey ?? []),
  };
}

/** The keys a charge point is known to have. */
export async function readKnownKeys(db: Db, chargePointId: string): Promise<string[]> {
  const rows = await readConfiguration(db, { chargePointId, after: null, limit: MOST_KNOWN_KEYS });
  return rows.filter(({ unknown }) => !unknown).map(({ key }) => key);
}

function maxKeysOf({ configurationKey }: Told): number | undefined {
  const size = Number(configurationKey?.find(({ key }) => key === MAX_KEYS)?.value);
  return Number.isInteger(size) && size > 0 ? size : undefined;
}
