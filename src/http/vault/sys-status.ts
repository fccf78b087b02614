/** Whether the server is there, in the words of a server that could be sealed or one of several. */
import type { Services } from '../../domain/services.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import { openRoute, type Route } from './routing.ts';

/**
 * The version of Vault's API that is spoken: clients switch features on by it, and those in Go end at what
 * is not of semantic versioning. What follows the plus sign tells who it is that speaks.
 */
const vaultVersion = '1.15.0+latchkey';

export function statusRoutes(services: Services): readonly Route[] {
  return [
    openRoute(
      { path: 'sys/seal-status', access: 'public', fields: {} },
      { read: async () => ({ raw: sealStatus }) },
    ),
    openRoute({ path: 'sys/leader', access: 'public', fields: {} }, { read: async () => ({ raw: leader }) }),
    openRoute(
      { path: 'sys/health', access: 'public', fields: { activecode: 'int' } },
      {
        read: async ({ values }) => {
          // A process whose store does not answer is of no use to who asks: 503.
          await services.authority.read(services.settings.account, []);
          return { raw: health(services.clock.now()), status: statusOf(values.activecode) };
        },
      },
    ),
    openRoute(
      { path: 'sys/init', access: 'public', fields: {} },
      { read: async () => ({ raw: { initialized: true } }) },
    ),
  ];
}

const sealStatus = {
  type: 'shamir',
  initialized: true,
  sealed: false,
  t: 1,
  n: 1,
  progress: 0,
  nonce: '',
  version: vaultVersion,
  build_date: '',
  migration: false,
  recovery_seal: false,
};

/** Every process serves alike: there is none that leads. */
const leader = {
  ha_enabled: false,
  is_self: false,
  leader_address: '',
  leader_cluster_address: '',
  performance_standby: false,
  performance_standby_last_remote_wal: 0,
};

function health(nowMs: number): Readonly<Record<string, unknown>> {
  return {
    initialized: true,
    sealed: false,
    standby: false,
    performance_standby: false,
    replication_performance_mode: 'disabled',
    replication_dr_mode: 'disabled',
    server_time_utc: Math.floor(nowMs / 1_000),
    version: vaultVersion,
  };
}

/** The status that a load balancer asked for, of what is active. */
function statusOf(code = 200): number {
  if (code < 200 || code > 599)
    throw new LatchkeyError('PARAMETER_INVALID', { detail: 'activecode: 200 to 599' });
  return code;
}
