import { createHash } from 'node:crypto';
import { parseJson, writeJson } from './ocpp16/json.ts';

/**
 * What may not be read back, in the message log, the history of commands and known configuration alike: passwords and
 * AuthorizationKeys. [Security Whitepaper, A01] idTags besides, where the policy says so.
 */
export type RedactionPolicy = {
  /** idTags become a short digest: the same tag stays recognisable, it can no longer be used. */
  readonly idTags: boolean;
};

const MASK = '***';

/** Without any of these nothing is to be hidden; an escape could spell any of them. */
const SUSPICIOUS = /idtag|passw|authorizationkey|:\/\/|\\u/i;
/** [RFC 3986, 3.2.1] user:password@ in the URL of an upload or download. */
const URL_PASSWORD = /(:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g;
const SECRET_KEY = /authorizationkey|passw/i;
const ID_TAGS: readonly string[] = ['idtag', 'parentidtag'];

/** The text of a frame without what the policy hides. Never throws: text that may hold a secret and is no JSON is hidden whole. */
export function redact(text: string, policy: RedactionPolicy): string {
  if (!SUSPICIOUS.test(text)) return text;
  try {
    const value = parseJson(text);
    const redacted = createWalk(policy)(value);
    // As sent, to the last blank, when nothing was hidden.
    return redacted === value ? text : writeJson(redacted);
  } catch {
    // No JSON, or nested deeper than the stack: what cannot be looked into is not shown.
    return `${MASK} (${text.length} characters)`;
  }
}

/** True for a configuration key whose value is a secret. */
export function isSecret(key: string): boolean {
  return SECRET_KEY.test(key);
}

/** A payload without its secrets; the same object when there are none. */
export function withoutSecrets(payload: unknown): unknown {
  return createWalk({ idTags: false })(payload);
}

type Fields = Readonly<Record<string, unknown>>;

/** Copies only what it changes: an unchanged value comes back as the same object. */
function createWalk(policy: RedactionPolicy): (value: unknown) => unknown {
  function walk(value: unknown): unknown {
    if (typeof value === 'string') return string(value);
    if (Array.isArray(value)) {
      const items = value.map(walk);
      return items.some((item, index) => item !== value[index]) ? items : value;
    }
    if (typeof value !== 'object' || value === null) return value;
    return fields(value as Fields);
  }

  /** A DataTransfer carries JSON in a string. */
  function string(value: string): string {
    if (value.startsWith('{')) return redact(value, policy);
    return value.includes('://') ? value.replace(URL_PASSWORD, `$1${MASK}`) : value;
  }

  function fields(object: Fields): Fields {
    // [OCPP 1.6, 5.3, 5.8] a configuration key and its value stand side by side
    const holdsSecret = typeof object.key === 'string' && isSecret(object.key);
    let changed = false;
    const entries = Object.entries(object).map(([name, value]) => {
      const shown = holdsSecret && name === 'value' ? MASK : field(name, value);
      changed ||= shown !== value;
      return [name, shown] as const;
    });
    return changed ? Object.fromEntries(entries) : object;
  }

  function field(name: string, value: unknown): unknown {
    if (SECRET_KEY.test(name)) return MASK;
    const isIdTag = policy.idTags && ID_TAGS.includes(name.toLowerCase()) && typeof value !== 'object';
    return isIdTag ? digest(String(value)) : walk(value);
  }

  return walk;
}

/** [OCPP 1.6, 7.28] idTags are compared case-insensitively: two spellings are one digest. */
function digest(idTag: string): string {
  return `sha256:${createHash('sha256').update(idTag.toLowerCase()).digest('hex').slice(0, 8)}`;
}
