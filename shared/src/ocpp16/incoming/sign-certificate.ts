import { incoming } from '../define.ts';
import { CiString, Closed, OneOf } from '../types.ts';
import { provenance } from './provenance.ts';

/** [Security Whitepaper, SignCertificate] The request is kept; no authority is configured that could sign it. */
export const signCertificate = incoming({
  action: 'SignCertificate',
  request: Closed({ csr: CiString(5500) }),
  response: Closed({ status: OneOf('Accepted', 'Rejected') }),
  way: 'ask',
  async handle(store, call) {
    await store.certificateRequest({ ...provenance(call), csr: call.payload.csr });
    return { status: 'Rejected' as const };
  },
  whenAway: () => ({ status: 'Rejected' as const }),
});
