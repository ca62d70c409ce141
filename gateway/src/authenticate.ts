import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { verifyPassword } from '@voltgate/shared/credential.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { KnownChargePoint } from '@voltgate/shared/ports.ts';
import { commonNameOf } from './client-certificate.ts';
import type { Identities } from './identities.ts';
import { basicCredentialsOf, chargePointIdOf } from './identity.ts';
import type { UpgradeRequest } from './server.ts';

/** The outcome of a handshake, decided before the upgrade. `foreign`: upgrade without the header and close at once. */
export type Authentication =
  | { readonly outcome: 'accepted'; readonly chargePoint: KnownChargePoint; readonly subprotocol: string }
  | { readonly outcome: 'foreign-subprotocol'; readonly chargePointId: string }
  | { readonly outcome: 'wrong-credentials'; readonly chargePointId: string; readonly why: WrongCredentials }
  | {
      readonly outcome: 'no-identity' | 'unknown' | 'no-subprotocol' | 'unavailable';
      readonly chargePointId: string;
    };

/** For the log; a charger is only told that it is not let in. */
type WrongCredentials = 'password' | 'no TLS' | 'no client certificate' | 'client certificate of another';

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

  /** What is wrong, undefined when nothing is. [Security Whitepaper, 2.2-2.4] */
  async function faultOf(
    chargePoint: KnownChargePoint,
    request: UpgradeRequest,
  ): Promise<WrongCredentials | undefined> {
    const { chargePointId, securityProfile } = chargePoint;
    if (request.clientCertificate !== '') {
      // [Security Whitepaper, A00.FR.508] its common name is the charge point's own; whoever shows one is bound to it.
      if (commonNameOf(request.clientCertificate) !== chargePointId) return 'client certificate of another';
    } else if (securityProfile === 3) return 'no client certificate';
    if (securityProfile === 3 || securityProfile === 0) return undefined;
    if (securityProfile === 2 && !cameOverTls(request)) return 'no TLS';
    return (await passwordFits(chargePoint, request)) ? undefined : 'password';
  }

  async function passwordFits(chargePoint: KnownChargePoint, request: UpgradeRequest): Promise<boolean> {
    if (chargePoint.credential === null) return chargePoint.securityProfile === null && options.allowProfile0;
    const sent = basicCredentialsOf(request.authorization);
    if (!sent) return false;
    if (options.basicAuthUser === 'charge-point-id' && sent.user !== chargePoint.chargePointId) return false;
    return await verified.check(chargePoint.chargePointId, chargePoint.credential, sent.password);
  }

  return async (request) => {
    const chargePointId = chargePointIdOf(request.path);
    if (chargePointId === undefined) return { outcome: 'no-identity', chargePointId: '' };
    let chargePoint: KnownChargePoint | null;
    let why: WrongCredentials | undefined;
    try {
      chargePoint = await options.identities.find(chargePointId);
      why = chargePoint ? await faultOf(chargePoint, request) : undefined;
    } catch (error) {
      options.log.warn({ err: error, chargePointId }, 'charge point could not be looked up or verified');
      return { outcome: 'unavailable', chargePointId };
    }
    if (!chargePoint) return { outcome: 'unknown', chargePointId };
    if (why !== undefined) return { outcome: 'wrong-credentials', chargePointId, why };
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

/** The last hop is the proxy next to us; what stands before it, a client may have made up. */
function cameOverTls({ forwardedProto }: UpgradeRequest): boolean {
  return ['https', 'wss'].includes(forwardedProto.split(',').at(-1)?.trim().toLowerCase() ?? '');
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
