// The charge point of `helm test`: upgrades a WebSocket, sends a BootNotification, and wants an answer to it. It speaks the
// few bytes of RFC 6455 itself: the WebSocket of Node.js cannot send a password.
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';

const { TARGET, CHARGE_POINT, PASSWORD } = process.env;
const TIMEOUT_MS = 30_000;
const boot = [2, '1', 'BootNotification', { chargePointVendor: 'Voltgate', chargePointModel: 'helm test' }];

setTimeout(() => end(1, `no answer within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS);

const upgrade = request(`${TARGET}/${encodeURIComponent(CHARGE_POINT)}`, {
  headers: {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'ocpp1.6',
    ...(PASSWORD && { authorization: `Basic ${Buffer.from(`${CHARGE_POINT}:${PASSWORD}`).toString('base64')}` }),
  },
});
upgrade.on('error', (error) => end(1, `cannot reach ${TARGET}: ${error.message}`));
upgrade.on('response', ({ statusCode }) => {
  const why = statusCode === 404 || statusCode === 401 ? `: register '${CHARGE_POINT}', see tests.chargePoint` : '';
  end(1, `the upgrade was refused with ${statusCode}${why}`);
});
upgrade.on('upgrade', (_response, socket, head) => {
  let received = head;
  const read = (bytes) => {
    received = Buffer.concat([received, bytes]);
    for (let frame = nextFrame(); frame; frame = nextFrame()) {
      const [kind, id, answer] = frame.opcode === 1 ? JSON.parse(frame.payload.toString()) : [];
      if (kind === 3 && id === '1') end(0, `BootNotification answered: ${JSON.stringify(answer)}`);
      if (kind === 4 && id === '1') end(1, `BootNotification answered with an error: ${frame.payload}`);
      if (frame.opcode === 8) end(1, 'the gateway closed the connection');
    }
  };
  function nextFrame() {
    if (received.length < 2) return undefined;
    const short = received[1] & 127;
    const start = short === 126 ? 4 : 2;
    if (short === 127 || received.length < start) return undefined;
    const length = short === 126 ? received.readUInt16BE(2) : short;
    if (received.length < start + length) return undefined;
    const frame = { opcode: received[0] & 15, payload: received.subarray(start, start + length) };
    received = received.subarray(start + length);
    return frame;
  }
  socket.on('data', read);
  socket.on('close', () => end(1, 'the connection ended without an answer'));
  const text = Buffer.from(JSON.stringify(boot));
  // A mask of zeros is a mask [RFC 6455, 5.3].
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]));
  read(Buffer.alloc(0));
});
upgrade.end();

function end(code, text) {
  console.log(text);
  process.exit(code);
}
