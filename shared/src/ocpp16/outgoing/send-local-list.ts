import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { Closed, IdTagInfo, IdToken, OneOf } from '../types.ts';

/** [OCPP 1.6, AuthorizationData] Without idTagInfo, in a Differential list, the tag is removed. */
const AuthorizationData = Closed({ idTag: IdToken, idTagInfo: Type.Optional(IdTagInfo) });

/** [OCPP 1.6, 5.15] Full replaces the list; Differential changes the version before this one. */
export const sendLocalList = outgoing({
  action: 'SendLocalList',
  request: Closed({
    listVersion: Type.Integer(),
    localAuthorizationList: Type.Optional(Type.Array(AuthorizationData)),
    updateType: OneOf('Differential', 'Full'),
  }),
  response: Closed({ status: OneOf('Accepted', 'Failed', 'NotSupported', 'VersionMismatch') }),
});
