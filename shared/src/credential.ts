import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string | Buffer, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);
/**
 * A text may be guessed from a stolen database, so each guess costs 8 ms. Nobody guesses 16 random bytes, and a fleet that moves
 * to other gateways is verified there at once: a key costs microseconds.
 */
const COSTS = { text: { N: 4096, r: 8, p: 1 }, hex: { N: 2, r: 1, p: 1 } } as const;
const KEY_BYTES = 32;
const HEX_KEY = /^(?:[0-9a-f]{2}){16,20}$/i;

/**
 * The stored form of a charge point's password. A password of 32 to 40 hex digits is an AuthorizationKey: bytes given as hex.
 * [Security Whitepaper, A00.FR.205] `kind$N$r$p$salt$hash`; kind `hex` or `text` says what `verifyPassword` accepts.
 */
export async function hashPassword(password: string): Promise<string> {
  const kind = HEX_KEY.test(password) ? 'hex' : 'text';
  const secret = kind === 'hex' ? Buffer.from(password, 'hex') : Buffer.from(password, 'utf8');
  const salt = randomBytes(16);
  const { N, r, p } = COSTS[kind];
  const hash = await derive(secret, salt, KEY_BYTES, { N, r, p });
  return [kind, N, r, p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/**
 * True when the bytes a charger sent are the stored password. For a hex key, chargers send its raw bytes or its hex text;
 * both are accepted. Takes constant time for equal lengths of input, in a pool thread: 8 ms for a text, 0.1 ms for a key.
 */
export async function verifyPassword(stored: string, sent: Buffer): Promise<boolean> {
  const [kind, n, r, p, salt, hash] = stored.split('$');
  if (!n || !r || !p || !salt || !hash) return false;
  const expectedHash = Buffer.from(hash, 'base64');
  let matches = false;
  for (const candidate of candidates(kind, sent)) {
    const actual = await derive(candidate, Buffer.from(salt, 'base64'), expectedHash.length, {
      N: Number(n),
      r: Number(r),
      p: Number(p),
    });
    matches = timingSafeEqual(actual, expectedHash) || matches;
  }
  return matches;
}

function candidates(kind: string | undefined, sent: Buffer): Buffer[] {
  if (kind !== 'hex') return [sent];
  const text = sent.toString('latin1');
  return HEX_KEY.test(text) ? [sent, Buffer.from(text, 'hex')] : [sent];
}
