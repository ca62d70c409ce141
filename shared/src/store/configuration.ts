import { isSecret } from '../redaction.ts';
import { type Answered, statusOf } from './answered.ts';
import { texts } from './arrays.ts';
import type { Sql } from './client.ts';
import { fieldOf, listField, textField } from './fields.ts';

type Key = {
  readonly key: string;
  readonly value: string | null;
  readonly readonly: boolean;
  readonly rebootRequired: boolean;
  readonly unknown: boolean;
};

/** GetConfiguration.conf: keys with their values, and keys the charge point does not know. */
export async function learnConfiguration(sql: Sql, answered: Answered): Promise<void> {
  const keys = new Map<string, Key>();
  for (const entry of listField(answered.response, 'unknownKey')) {
    const key = textField({ entry }, 'entry');
    if (key !== undefined) keys.set(key, { key, value: null, readonly: false, rebootRequired: false, unknown: true });
  }
  for (const entry of listField(answered.response, 'configurationKey')) {
    const key = textField(entry, 'key');
    if (key === undefined) continue;
    const value = isSecret(key) ? null : (textField(entry, 'value') ?? null);
    keys.set(key, { key, value, readonly: fieldOf(entry, 'readonly') === true, rebootRequired: false, unknown: false });
  }
  if (keys.size > 0) await keep(sql, answered, [...keys.values()]);
}

/** ChangeConfiguration.conf: Accepted or RebootRequired, the value is what was sent; NotSupported, there is no such key. */
export async function learnConfigurationChange(sql: Sql, answered: Answered): Promise<void> {
  const key = textField(answered.payload, 'key');
  const value = textField(answered.payload, 'value');
  const status = statusOf(answered);
  if (key === undefined || value === undefined) return;
  if (status !== 'Accepted' && status !== 'RebootRequired') return;
  const shown = isSecret(key) ? null : value;
  const rebootRequired = status === 'RebootRequired';
  await keep(sql, answered, [{ key, value: shown, readonly: false, rebootRequired, unknown: false }]);
}

function keep(sql: Sql, { chargePointId, at }: Answered, keys: readonly Key[]) {
  const flags = (values: readonly boolean[]) => texts(values.map(String));
  return sql`
    insert into configuration_key as kept (charge_point_id, key, value, readonly, reboot_required, "unknown", known_at)
    select ${chargePointId}, key, value, readonly, reboot_required, "unknown", ${at}
    from unnest(${texts(keys.map((entry) => entry.key))}::text[], ${texts(keys.map((entry) => entry.value))}::text[],
      ${flags(keys.map((entry) => entry.readonly))}::bool[], ${flags(keys.map((entry) => entry.rebootRequired))}::bool[],
      ${flags(keys.map((entry) => entry.unknown))}::bool[]) as said (key, value, readonly, reboot_required, "unknown")
    on conflict (charge_point_id, key) do update set value = excluded.value, readonly = excluded.readonly,
      reboot_required = excluded.reboot_required, "unknown" = excluded."unknown", known_at = excluded.known_at
    where kept.known_at <= excluded.known_at`;
}
