import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { CiString, Closed } from '../types.ts';

/** [OCPP 1.6, KeyValue] */
const ConfigurationKey = Closed({ key: CiString(50), readonly: Type.Boolean(), value: Type.Optional(CiString(500)) });

/** [OCPP 1.6, 5.8] Without keys it asks for all of them. */
export const getConfiguration = outgoing({
  action: 'GetConfiguration',
  request: Closed({ key: Type.Optional(Type.Array(CiString(50))) }),
  response: Closed({
    configurationKey: Type.Optional(Type.Array(ConfigurationKey)),
    unknownKey: Type.Optional(Type.Array(CiString(50))),
  }),
});
