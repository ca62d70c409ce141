import { incoming } from '../define.ts';
import { Closed, IdTagInfo, IdToken } from '../types.ts';

/** [OCPP 1.6, 4.1] May this idTag start or stop charging? */
export const authorize = incoming({
  action: 'Authorize',
  request: Closed({ idTag: IdToken }),
  response: Closed({ idTagInfo: IdTagInfo }),
  way: 'ask',
  async handle(store, call) {
    return { idTagInfo: await store.authorize(call.payload.idTag, call.receivedAt) };
  },
  whenAway: (away) => ({ idTagInfo: { status: away.authorizeWhenAway } }),
});
