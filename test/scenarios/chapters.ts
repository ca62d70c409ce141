import { stories as administration } from './stories/administration.ts';
import { stories as admission } from './stories/admission.ts';
import { stories as availability } from './stories/availability.ts';
import { stories as away } from './stories/away.ts';
import { stories as boot } from './stories/boot.ts';
import { stories as commands } from './stories/commands.ts';
import { stories as compatibility } from './stories/compatibility.ts';
import { stories as drain } from './stories/drain.ts';
import { stories as events } from './stories/events.ts';
import { stories as frames } from './stories/frames.ts';
import { stories as gateways } from './stories/gateways.ts';
import { stories as handshake } from './stories/handshake.ts';
import { stories as health } from './stories/health.ts';
import { stories as liveness } from './stories/liveness.ts';
import { stories as messages } from './stories/messages.ts';
import { stories as meterValues } from './stories/meter-values.ts';
import { stories as orphans } from './stories/orphans.ts';
import { stories as ownership } from './stories/ownership.ts';
import { stories as rebalance } from './stories/rebalance.ts';
import { stories as securityProfiles } from './stories/security-profiles.ts';
import { stories as status } from './stories/status.ts';
import { stories as trace } from './stories/trace.ts';
import { stories as transactions } from './stories/transactions.ts';

/** Every story, told in both modes. */
export const chapters = {
  administration,
  admission,
  drain,
  liveness,
  ownership,
  away,
  rebalance,
  handshake,
  securityProfiles,
  messages,
  boot,
  availability,
  transactions,
  orphans,
  meterValues,
  status,
  trace,
  health,
  frames,
  events,
  gateways,
  commands,
  compatibility,
};
