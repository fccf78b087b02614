/** The options that bound what clients may ask of the service; part of the option table. */
import { bytes, integer, milliseconds, seconds } from './option-types.ts';

export const limitOptions = {
  maxFailuresPerRoleAndAddress: {
    name: 'max-failures',
    ...integer(0, 100_000),
    fallback: '10',
    summary:
      'How many passwords may be wrong for one role from one address within the window; 0 switches these limits off.',
  },
  maxFailuresPerAddress: {
    name: 'max-failures-per-address',
    ...integer(1, 1_000_000),
    fallback: '100',
    summary: 'How many passwords may be wrong from one address within the window, whoever they are for.',
  },
  maxFailuresPerRole: {
    name: 'max-failures-per-role',
    ...integer(1, 1_000_000),
    fallback: '100',
    summary: 'How many passwords may be wrong for one user within the window, wherever they come from.',
  },
  failureWindowSeconds: {
    name: 'failure-window',
    ...seconds(1, 24 * 60 * 60),
    fallback: '300',
    summary: 'How long failures count, and how long too many of them keep somebody out.',
  },
  maxConcurrentRequests: {
    name: 'max-concurrent-requests',
    ...integer(0, 1_000_000),
    fallback: '10000',
    summary: 'How many requests may be under way in a process; more are answered 503. 0 sets no bound.',
  },
  maxQueueDelayMs: {
    name: 'max-queue-delay',
    ...milliseconds(0, 60_000),
    fallback: '250',
    summary:
      'How long requests may go on waiting for their turn, and a password to be checked, before 503 is the answer; 0 sets no bound.',
  },
  maxConnections: {
    name: 'max-connections',
    ...integer(1, 1_000_000),
    fallback: '16384',
    summary: 'How many connections a process has at most; more are closed as they come.',
  },
  maxConnectionsPerAddress: {
    name: 'max-connections-per-address',
    ...integer(0, 1_000_000),
    fallback: '4096',
    summary: 'How many connections one address has at most, trusted proxies excepted. 0 sets no bound.',
  },
  headersTimeoutSeconds: {
    name: 'headers-timeout',
    ...seconds(1, 300),
    fallback: '20',
    summary: 'How long the head of a request may take to arrive.',
  },
  requestTimeoutSeconds: {
    name: 'request-timeout',
    ...seconds(1, 3_600),
    fallback: '120',
    summary: 'How long a whole request may take to arrive.',
  },
  transferGraceSeconds: {
    name: 'transfer-grace',
    ...seconds(1, 300),
    fallback: '20',
    summary: 'How long a body may take to arrive, and an answer to be read, however slowly that goes.',
  },
  minTransferBytesPerSecond: {
    name: 'min-transfer-rate',
    ...bytes('1', '64MiB'),
    fallback: '4KiB',
    summary: 'What of a body or an answer has to get through in each second beyond that.',
  },
} as const;
