/**
 * A process of its own that measures one account with a large graph, without a server in between:
 * 100,000 roles with 1,000,000 memberships, 100,000 resources with 300,000 permissions.
 * Prints its figures as JSON.
 *   node --expose-gc graph-scale.js FOLDER
 */
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Authority } from '../../src/domain/accounts/authority.ts';
import { createAccount } from '../../src/domain/accounts/create.ts';
import { rowChanges } from '../../src/domain/accounts/row-changes.ts';
import { PasswordHasher } from '../../src/domain/authn/password.ts';
import { adminOf, rootPolicyOf, toAccount, type Account } from '../../src/domain/ids.ts';
import { loadPolicy } from '../../src/domain/policy/load.ts';
import { decide } from '../../src/domain/rbac/check.ts';
import { AccessGraph } from '../../src/domain/rbac/graph.ts';
import { openAuditSink } from '../../src/drivers/audit/file-sink.ts';
import { openKeyring } from '../../src/drivers/keyring/keyring.ts';
import { openLmdbStore } from '../../src/drivers/lmdb/store.ts';
import { loadConfig } from '../../src/config/load.ts';
import { graphRows, resourceAt, roleAt, watchedRole } from './graph-rows.ts';
import { median } from './statistics.ts';

export interface GraphFigures {
  /** From opening the account to the first answer. */
  readonly startupSeconds: number;
  readonly startupCpuSeconds: number;
  readonly roleBytes: number;
  readonly membershipBytes: number;
  /** Of one decision, by names, warm; CPU time, as the next one. */
  readonly checkUs: number;
  /** To find the 1,000 of 100,000 resources that a role may see. */
  readonly listMs: number;
  /** Ten statements into the large account, of the same into an empty one; and both in milliseconds. */
  readonly incremental: number;
  readonly incrementalMs: number;
  readonly incrementalEmptyMs: number;
  /** The first read of another process after those statements, of the same in an empty account. */
  readonly catchup: number;
  readonly catchupMs: number;
}

const folder = process.argv[2] ?? '.';
const [large, empty] = [toAccount('large'), toAccount('empty')];

function usedBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run it with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The bytes that rows of some tables take in a graph, for each of so many things. */
function memoryOf(): Pick<GraphFigures, 'roleBytes' | 'membershipBytes'> {
  const graph = new AccessGraph();
  const before = usedBytes();
  let things = 0;
  for (const row of graphRows(large)) {
    if (row.table !== 'role' && row.table !== 'resource') continue;
    graph.put(row);
    things += 1;
  }
  const withThings = usedBytes();
  let memberships = 0;
  for (const row of graphRows(large)) {
    if (row.table !== 'membership') continue;
    graph.put(row);
    memberships += 1;
  }
  const withMemberships = usedBytes();
  if (graph.rowCount !== things + memberships) throw new Error('rows are missing');
  return {
    roleBytes: (withThings - before) / things,
    membershipBytes: (withMemberships - withThings) / memberships,
  };
}

/** Milliseconds of CPU time for each call. */
function timed(rounds: number, calls: number, act: (call: number) => void): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuSeconds();
    for (let call = 0; call < calls; call += 1) act(call);
    times.push(((cpuSeconds() - before) * 1_000) / calls);
  }
  return median(times);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function smallPolicy(name: string): Buffer {
  const variables = Array.from({ length: 7 }, (_, index) => `      - !variable v-${String(index)}\n`).join(
    '',
  );
  return Buffer.from(
    `- !policy\n  id: ${name}\n  body:\n    - &all\n${variables}    - !group readers\n` +
      '    - !permit { role: !group readers, privileges: [ read ], resources: *all }\n',
  );
}

async function main(): Promise<void> {
  const memory = memoryOf();
  const store = await openLmdbStore({ directory: join(folder, 'store') });
  const keyring = openKeyring({ dataKey: randomBytes(32) });
  const authority = new Authority(store, keyring);
  const audit = await openAuditSink({ path: join(folder, 'audit.log'), format: 'rfc5424' });
  const { config: settings } = loadConfig({ argv: [], env: {}, readFile: () => '' });
  const clock = { now: (): number => Date.now() };
  const services = { authority, keyring, audit, clock, passwords: new PasswordHasher(), settings };
  for (const account of [large, empty]) await createAccount(services, account, () => Promise.resolve());
  await fill(authority);

  const startedAt = performance.now();
  const cpuBefore = cpuSeconds();
  const fresh = new Authority(store, keyring);
  const { state } = await fresh.read(large, []);
  const startupSeconds = (performance.now() - startedAt) / 1_000;
  const startupCpuSeconds = cpuSeconds() - cpuBefore;
  const { graph } = state;

  const questions = Array.from({ length: 2_000 }, (_, index) => ({
    role: roleAt(large, (index * 7_919) % 200),
    resource: resourceAt(large, (index * 104_729) % 100_000),
  }));
  const decideOn = (call: number): void => {
    const question = questions[call % questions.length];
    if (question !== undefined) decide(graph, question.role, 'execute', question.resource);
  };
  timed(5, 2_000, decideOn);
  const checkUs = timed(31, 20_000, decideOn) * 1_000;
  const watched = watchedRole(large);
  if (graph.visibleTo(watched).length !== 1_000) throw new Error('the watched role sees another number');
  const listMs = timed(31, 50, () => graph.visibleTo(watched));

  const loadTimes = new Map<Account, number[]>([large, empty].map((account) => [account, []]));
  const catchupTimes = new Map<Account, number[]>([large, empty].map((account) => [account, []]));
  for (const account of [large, empty]) await fresh.read(account, []);
  for (let round = 0; round < 41; round += 1) {
    for (const account of [large, empty]) {
      const kid = (await authority.read(account, [])).state.newestSigningKey?.kid ?? '';
      const actor = { account, role: adminOf(account), kid, issuedAt: Date.now() / 1_000 };
      const request = { requestId: 'bench', clientIp: '127.0.0.1', actor };
      const text = smallPolicy(`small-${String(round)}`);
      const loadedAt = performance.now();
      await loadPolicy(services, request, rootPolicyOf(account), 'create', text);
      const done = performance.now();
      await fresh.read(account, []);
      catchupTimes.get(account)?.push(performance.now() - done);
      loadTimes.get(account)?.push(done - loadedAt);
    }
  }
  const middle = (times: ReadonlyMap<Account, number[]>, account: Account): number =>
    median(times.get(account) ?? []);
  await audit.close();
  await store.close();
  const figures: GraphFigures = {
    startupSeconds,
    startupCpuSeconds,
    ...memory,
    checkUs,
    listMs,
    incremental: middle(loadTimes, large) / middle(loadTimes, empty),
    incrementalMs: middle(loadTimes, large),
    incrementalEmptyMs: middle(loadTimes, empty),
    catchup: middle(catchupTimes, large) / middle(catchupTimes, empty),
    catchupMs: middle(catchupTimes, large),
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

/** Commits the rows, many at a time. */
async function fill(authority: Authority): Promise<void> {
  const rows = graphRows(large);
  for (;;) {
    const edits = Array.from({ length: 100_000 }, () => rows.next().value)
      .filter((row) => row !== undefined)
      .map((row) => ({ row, there: true }));
    if (edits.length === 0) return;
    const { state, epoch } = await authority.read(large, []);
    const changes = await rowChanges({ authority }, state, edits, edits.length);
    const result = await authority.commit(large, { changes, authority: true, expectEpoch: epoch });
    if (!result.committed) throw new Error('the rows were not committed');
  }
}

await main();
