/** The options of how many processes serve, and of how they stop; part of the option table. */
import { integer, seconds } from './option-types.ts';

export const processOptions = {
  workers: {
    name: 'workers',
    ...integer(1, 256),
    fallback: '1',
    summary: 'How many processes serve on the port, sharing the store; above 1, one more looks after them.',
  },
  drainSeconds: {
    name: 'drain-seconds',
    ...seconds(0, 300),
    fallback: '10',
    summary: 'How long requests under way may take to finish after SIGTERM.',
  },
  drainIdleSeconds: {
    name: 'drain-idle-seconds',
    ...seconds(0, 60),
    fallback: '2',
    summary:
      'How long, after SIGTERM, clients are told to close connections that they keep open, before those are closed.',
  },
} as const;
