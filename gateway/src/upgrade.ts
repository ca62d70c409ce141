import { BlockList, isIP } from 'node:net';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Admission, Refused } from './admission.ts';
import type { Authenticate, Authentication } from './authenticate.ts';
import { CLOSE } from './connection.ts';
import type { Connections } from './connections.ts';
import type { Receiver, Socket, UpgradeRequest, Verdict } from './server.ts';

export type UpgradeOptions = {
  readonly admission: Admission;
  readonly authenticate: Authenticate;
  readonly connections: Connections;
  readonly log: Log;
  readonly metrics: Metrics;
  /** An identity nobody registered was refused. */
  readonly onUnknown: (chargePointId: string, address: string, subprotocols: string) => void;
  /** CIDR, comma separated. */
  readonly trustedProxies: string;
};

/** Seconds after which a charger that found no worker should try again. */
const RETRY_AFTER_SECONDS = 5;

const REFUSALS = {
  'no-identity': { refuse: 404, reason: 'the path must end in /ocpp/{charge point id}' },
  unknown: { refuse: 404, reason: 'unknown charge point' },
  'wrong-credentials': {
    refuse: 401,
    reason: 'wrong credentials',
    headers: { 'WWW-Authenticate': 'Basic realm="voltgate", charset="UTF-8"' },
  },
  'no-subprotocol': { refuse: 400, reason: 'offer the WebSocket subprotocol ocpp1.6' },
  unavailable: { refuse: 503, reason: 'try again later', headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) } },
} as const satisfies Record<string, Verdict>;

/** From an upgrade request to a verdict; everything is refused before the upgrade but a foreign subprotocol. */
export function createUpgrade(options: UpgradeOptions): (request: UpgradeRequest) => Promise<Verdict> {
  const { admission, authenticate, connections, log, metrics } = options;
  const isTrusted = trustIn(options.trustedProxies);

  function notNow({ refusal, retryAfterSeconds }: Refused, { path }: UpgradeRequest, address: string): Verdict {
    metrics.upgrades.inc({ outcome: refusal });
    log.debug({ outcome: refusal, address, path }, 'upgrade refused');
    const refuse = refusal === 'failed-logins' ? 429 : 503;
    return { refuse, reason: 'try again later', headers: { 'Retry-After': String(retryAfterSeconds) } };
  }

  return async (request) => {
    const address = addressOf(request, isTrusted);
    const refused = admission.enter(address);
    if (refused) return notNow(refused, request, address);
    const authentication = await authenticate(believed(request, isTrusted));
    const tooLate = admission.leave(address, authentication.outcome === 'wrong-credentials');
    if (tooLate) return notNow(tooLate, request, address);
    metrics.upgrades.inc({ outcome: authentication.outcome });
    if (authentication.outcome === 'accepted') {
      const { chargePoint, subprotocol } = authentication;
      return { subprotocol, accept: (socket) => connections.open(chargePoint, socket, address) };
    }
    log.info({ ...describe(authentication), address, path: request.path }, 'upgrade refused');
    if (authentication.outcome === 'unknown')
      options.onUnknown(authentication.chargePointId, address, request.subprotocols);
    if (authentication.outcome === 'foreign-subprotocol') return { subprotocol: '', accept: closeAtOnce };
    return REFUSALS[authentication.outcome];
  };
}

/** [OCPP-J 1.6, 3.1.2] complete the handshake without the header, then close. */
function closeAtOnce(socket: Socket): Receiver {
  const nothing = () => undefined;
  setImmediate(() => socket.close(CLOSE.protocol, 'no supported subprotocol'));
  return { received: nothing, receivedBinary: nothing, ponged: nothing, closed: nothing };
}

const describe = ({ outcome, ...rest }: Exclude<Authentication, { outcome: 'accepted' }>) => ({
  outcome,
  chargePointId: rest.chargePointId,
  ...('why' in rest && { why: rest.why }),
});

/** Without what only a proxy of ours may say, when it was somebody else who said it. */
export function believed(request: UpgradeRequest, isTrusted: (address: string) => boolean): UpgradeRequest {
  return isTrusted(request.remoteAddress) ? request : { ...request, forwardedProto: '', clientCertificate: '' };
}

/** The charger's own address: the last hop nobody of us is, as far as proxies are trusted. */
export function addressOf(request: UpgradeRequest, isTrusted: (address: string) => boolean): string {
  const hops = request.forwardedFor
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => isIP(hop) !== 0);
  let address = request.remoteAddress;
  while (isTrusted(address) && hops.length > 0) address = hops.pop() ?? address;
  return address;
}

/** A test for addresses of the networks named. */
export function trustIn(networks: string): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
