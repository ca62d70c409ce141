import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { verifyPassword } from '@voltgate/shared/credential.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { KnownChargePoint } from '@voltgate/shared/ports.ts';
import type { Identities } from './identities.ts';
import { type BasicCredentials, basicCredentialsOf, chargePointIdOf } from './identity.ts';
import type { UpgradeRequest } from './server.ts';

/** The outcome of a handshake, decided before the upgrade. `foreign`: upgrade without the header and close at once. */
export type Authentication =
  | { readonly outcome: 'accepted'; readonly chargePoint: KnownChargePoint; readonly subprotocol: string }
  | { readonly outcome: 'foreign-subprotocol'; readonly chargePointId: string }
  | {
      readonly outcome: 'no-identity' | 'unknown' | 'wrong-credentials' | 'no-subprotocol' | 'unavailable';
      readonly chargePointId: string;
    };

export type AuthenticateOptions = {
  readonly identities: Identities;
  readonly allowProfile0: boolean;
  readonly basicAuthUser: 'charge-point-id' | 'any';
  readonly missingSubprotocol: 'assume' | 'refuse';
  readonly log: Log;
};

export type Authenticate = (request: UpgradeRequest) => Promise<Authentication>;

const SUBPROTOCOL = 'ocpp1.6';
const MOST_REMEMBERED = 50_000;

/** Identity, credentials and subprotocol of an upgrade request. Never rejects. [OCPP-J 1.6, 3.1, 6.2] */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const verified = createVerifiedPasswords();

  async function credentialsFit(chargePoint: KnownChargePoint, sent: BasicCredentials | undefined): Promise<boolean> {
    if (chargePoint.securityProfile === 0) return true;
    if (chargePoint.credential === null) return chargePoint.securityProfile === null && options.allowProfile0;
    if (!sent) return false;
    if (options.basicAuthUser === 'charge-point-id' && sent.user !== chargePoint.chargePointId) return false;
    return await verified.check(chargePoint.chargePointId, chargePoint.credential, sent.password);
  }

  return async (request) => {
    const chargePointId = chargePointIdOf(request.path);
    if (chargePointId === undefined) return { outcome: 'no-identity', chargePointId: '' };
    let chargePoint: KnownChargePoint | null;
    try {
      chargePoint = await options.identities.find(chargePointId);
    } catch (error) {
      options.log.warn({ err: error, chargePointId }, 'charge point could not be looked up');
      return { outcome: 'unavailable', chargePointId };
    }
    if (!chargePoint) return { outcome: 'unknown', chargePointId };
    if (!(await credentialsFit(chargePoint, basicCredentialsOf(request.authorization))))
      return { outcome: 'wrong-credentials', chargePointId };
    const offered = request.subprotocols
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
    if (offered.includes(SUBPROTOCOL)) return { outcome: 'accepted', chargePoint, subprotocol: SUBPROTOCOL };
    if (offered.length > 0) return { outcome: 'foreign-subprotocol', chargePointId };
    return options.missingSubprotocol === 'assume'
      ? { outcome: 'accepted', chargePoint, subprotocol: '' }
      : { outcome: 'no-subprotocol', chargePointId };
  };
}

/**
 * Verifying a password is slow on purpose; a fleet that reconnects must not pay it again. What was right once is kept as
 * an HMAC under a key of this process.
 */
function createVerifiedPasswords() {
  const key = randomBytes(32);
  const digests = new Map<string, Buffer>();
  const digestOf = (stored: string, sent: Buffer) =>
    createHmac('sha256', key).update(stored).update('\0').update(sent).digest();

  return {
    async check(chargePointId: string, stored: string, sent: Buffer): Promise<boolean> {
      const digest = digestOf(stored, sent);
      const remembered = digests.get(chargePointId);
      if (remembered && timingSafeEqual(remembered, digest)) return true;
      if (!(await verifyPassword(stored, sent))) return false;
      if (digests.size >= MOST_REMEMBERED) digests.clear();
      digests.set(chargePointId, digest);
      return true;
    },
  };
}
