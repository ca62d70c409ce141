/**
 * The floor: uWebSockets.js and nothing else that parses a Call, validates it against the same schema and answers. What
 * our gateway costs beyond this is ours.
 */

import { App, us_socket_local_port } from 'uWebSockets.js';
import { incomingActions } from '@voltgate/shared/ocpp16/incoming/index.ts';

App({})
  .ws('/*', {
    maxPayloadLength: 1_048_576,
    idleTimeout: 760,
    upgrade: (response, request, context) => {
      const header = (name: string) => request.getHeader(name);
      response.upgrade({}, header('sec-websocket-key'), 'ocpp1.6', header('sec-websocket-extensions'), context);
    },
    message: (ws, bytes) => {
      const [, id, action, payload] = JSON.parse(Buffer.from(bytes).toString('utf8')) as [
        number,
        string,
        string,
        unknown,
      ];
      if (incomingActions.get(action)?.validate(payload)) throw new Error('the benchmark sent an invalid payload');
      const answer = action === 'Heartbeat' ? { currentTime: new Date().toISOString() } : {};
      ws.send(JSON.stringify([3, id, answer]));
    },
  })
  .listen('127.0.0.1', 0, (token) => {
    if (!token) process.exit(1);
    console.log(JSON.stringify({ msg: 'ready', ocppUrl: `ws://127.0.0.1:${us_socket_local_port(token)}/ocpp` }));
  });
