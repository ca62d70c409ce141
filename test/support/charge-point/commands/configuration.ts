import { sampleByItself } from '../metering.ts';
import { type Command, status, text } from './command.ts';

/** [OCPP 1.6, 5.8] */
export const getConfiguration: Command = ({ configuration }, payload) => {
  const names = Array.isArray(payload.key) ? payload.key.map(String) : [];
  return { payload: configuration.read(names) };
};

/** [OCPP 1.6, 5.3] */
export const changeConfiguration: Command = (inside, payload) => {
  const key = text(payload, 'key');
  const word = inside.configuration.change(key, text(payload, 'value'));
  if (word !== 'Accepted') return status(word);
  return status(word, () => {
    // New credentials count from the next handshake on, so that is made at once.
    if (key === 'AuthorizationKey') inside.reconnect();
    if (key === 'MeterValueSampleInterval') {
      for (const connector of inside.connectors) {
        if (connector.transaction) void sampleByItself(inside, connector, connector.transaction);
      }
    }
  });
};
