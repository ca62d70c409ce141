/** What must not be read back from the history of commands. */

const MASK = '***';

/** True for a configuration key whose value is a secret. [Security Whitepaper, A01] */
export function isSecret(key: string): boolean {
  return key.toLowerCase() === 'authorizationkey';
}

/** The payload with the value of every secret configuration key masked, wherever it stands. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const secret = entries.some(([name, key]) => name === 'key' && typeof key === 'string' && isSecret(key));
  return Object.fromEntries(
    entries.map(([name, entry]) => [name, secret && name === 'value' ? MASK : withoutSecrets(entry)]),
  );
}
