import { X509Certificate } from 'node:crypto';

/** A whole certificate in Envoy's X-Forwarded-Client-Cert. */
const QUOTED_CERTIFICATE = /(?:^|[;,])Cert="([^"]*)"/gi;
const PEM = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g;
/** DER begins with a SEQUENCE, whose tag and two bytes of length are MII in base64. */
const DER = /^MII[A-Za-z0-9+/\s]{100,}={0,2}$/;
/** A value inside `Subject="..."`, as Envoy's X-Forwarded-Client-Cert and Traefik's certificate info carry it. */
const QUOTED_SUBJECT = /(?:^|[;,])Subject="((?:[^"\\]|\\.)*)"/gi;
/** One attribute of a distinguished name, up to a separator that is not escaped. [RFC 4514, 3] */
const ATTRIBUTE = /\s*([A-Za-z][\w.-]*)\s*=\s*((?:[^,+;\\]|\\.)*)(?:[,+;]|$)/y;

/**
 * The common name that a proxy's header says of the client certificate it verified: the certificate itself (base64 of DER or
 * percent-encoded PEM, in `Cert="..."` or not), a plain name, a distinguished name (`CN=CP-1,O=Site`), or one within
 * `Subject="..."`, percent-encoded or not. Undefined when it names none or more than one: a name that can be read in two
 * ways names nobody. The form with slashes is one of these, it escapes nothing.
 */
export function commonNameOf(header: string): string | undefined {
  const text = header.trim();
  if (text === '' || text.startsWith('/')) return undefined;
  const certificates = certificatesIn(text);
  return certificates ? commonNameIn(certificates) : nameIn(text);
}

/** The certificates in a header in base64, undefined when it is not of the kind that holds them. */
function certificatesIn(text: string): string[] | undefined {
  const quoted = [...text.matchAll(QUOTED_CERTIFICATE)].map((match) => match[1] ?? '');
  const [first = ''] = quoted;
  const decoded = decode(quoted.length > 0 ? first : text) ?? '';
  if (quoted.length === 0 && !decoded.startsWith('-----') && !decoded.startsWith('MII')) return undefined;
  if (quoted.length > 1) return quoted;
  if (DER.test(decoded)) return [decoded];
  return [...decoded.matchAll(PEM)].map((match) => match[1] ?? '');
}

/** Only one certificate says who it is; the others of a chain would make it two. */
function commonNameIn([certificate, ...others]: readonly string[]): string | undefined {
  if (certificate === undefined || others.length > 0) return undefined;
  try {
    const names = new X509Certificate(Buffer.from(certificate, 'base64')).toLegacyObject().subject.CN;
    return typeof names === 'string' ? names : undefined;
  } catch {
    return undefined;
  }
}

function nameIn(text: string): string | undefined {
  const decoded = /^Subject%3D/i.test(text) ? decode(text) : text;
  if (decoded === undefined || !decoded.includes('=')) return decoded;
  const subjects = [...decoded.matchAll(QUOTED_SUBJECT)].map((match) => (match[1] ?? '').replace(/\\"/g, '"'));
  if (subjects.length > 1) return undefined;
  const names = attributesOf(subjects[0] ?? decoded)?.filter(({ type }) => type === 'cn');
  return names?.length === 1 ? names[0]?.value : undefined;
}

/** Undefined when the text is not a distinguished name from its beginning to its end. */
function attributesOf(name: string): { readonly type: string; readonly value: string }[] | undefined {
  const found: { type: string; value: string }[] = [];
  ATTRIBUTE.lastIndex = 0;
  while (ATTRIBUTE.lastIndex < name.length) {
    const match = ATTRIBUTE.exec(name);
    if (!match) return undefined;
    found.push({ type: (match[1] ?? '').toLowerCase(), value: unescaped(match[2] ?? '') });
  }
  return found;
}

/** [RFC 4514, 2.4] `\,` is a comma, `\C3\A9` two bytes of UTF-8. */
function unescaped(value: string): string {
  return value
    .trim()
    .replace(/(?:\\[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString('utf8'))
    .replace(/\\(.)/g, '$1');
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
