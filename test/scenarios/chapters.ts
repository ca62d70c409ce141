import { stories as boot } from './stories/boot.ts';
import { stories as handshake } from './stories/handshake.ts';
import { stories as health } from './stories/health.ts';
import { stories as messages } from './stories/messages.ts';
import { stories as meterValues } from './stories/meter-values.ts';
import { stories as orphans } from './stories/orphans.ts';
import { stories as status } from './stories/status.ts';
import { stories as trace } from './stories/trace.ts';
import { stories as transactions } from './stories/transactions.ts';

/** Every story, told in both modes. */
export const chapters = { handshake, messages, boot, transactions, orphans, meterValues, status, trace, health };
