import { incoming } from '../define.ts';
import { Closed, DateTime } from '../types.ts';

/** [OCPP 1.6, 4.6] Here I am; what time is it? */
export const heartbeat = incoming({
  action: 'Heartbeat',
  request: Closed({}),
  response: Closed({ currentTime: DateTime }),
  way: 'answered',
  answer: (now) => ({ currentTime: now.toISOString() }),
});
