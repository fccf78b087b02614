/**
 * What a service does with four times the load that saturates it, as ratios: how much of its best
 * throughput it still answers with 200, and how long those take. Closed loop: every connection asks as soon
 * as it was answered, whatever the answer. Open loop: requests come at a rate, and wait for nothing.
 *
 * Run by hand: `node build/scripts/benchmark/overload.js [seconds]`.
 */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { account, startService, type Service } from './service.ts';
import { quantile } from './statistics.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly goodput: number;
  readonly refusedPerSecond: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const saturating = 48;
const factor = 4;

class Tally {
  readonly latenciesMs: number[] = [];
  refused = 0;
  failures = 0;

  outcome(seconds: number): Outcome {
    return {
      goodput: Math.round(this.latenciesMs.length / seconds),
      refusedPerSecond: Math.round(this.refused / seconds),
      failures: this.failures,
      p50Ms: Math.round(quantile(this.latenciesMs, 0.5)),
      p99Ms: Math.round(quantile(this.latenciesMs, 0.99)),
    };
  }
}

function ask(service: Service, agent: Agent, asked: Asked, tally: Tally): Promise<void> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const sent = request({ ...asked, agent, host: '127.0.0.1', port: service.port }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 200) tally.latenciesMs.push(performance.now() - startedAt);
        else if (answer.statusCode === 503) tally.refused += 1;
        else tally.failures += 1;
        resolve();
      });
    });
    sent.once('error', () => {
      tally.failures += 1;
      resolve();
    });
    sent.end();
  });
}

async function closedLoop(
  service: Service,
  asked: Asked,
  connections: number,
  seconds: number,
): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const tally = new Tally();
  const deadline = performance.now() + seconds * 1_000;
  const client = async (): Promise<void> => {
    while (performance.now() < deadline) await ask(service, agent, asked, tally);
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  return tally.outcome(seconds);
}

async function openLoop(
  service: Service,
  asked: Asked,
  perSecond: number,
  seconds: number,
): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: 4_000 });
  const tally = new Tally();
  const under = new Set<Promise<void>>();
  const startedAt = performance.now();
  let sent = 0;
  for (;;) {
    const elapsed = (performance.now() - startedAt) / 1_000;
    if (elapsed >= seconds) break;
    for (; sent < elapsed * perSecond; sent += 1) {
      const each = ask(service, agent, asked, tally);
      under.add(each);
      void each.then(() => under.delete(each));
    }
    await pause(1);
  }
  await Promise.race([Promise.all(under), pause(10_000)]);
  agent.destroy();
  return tally.outcome(seconds);
}

async function measure(name: string, service: Service, asked: Asked, seconds: number): Promise<void> {
  await closedLoop(service, asked, saturating, 1);
  const best = await closedLoop(service, asked, saturating, seconds);
  const closed = await closedLoop(service, asked, factor * saturating, seconds);
  const open = await openLoop(service, asked, factor * best.goodput, seconds);
  const after = await closedLoop(service, asked, saturating, seconds);
  const ratio = ({ goodput }: Outcome): string => (goodput / best.goodput).toFixed(2);
  process.stdout.write(`${name}\n`);
  for (const [load, outcome] of Object.entries({ best, closed, open, after })) {
    process.stdout.write(`  ${load.padEnd(6)} ${ratio(outcome)} of the best  ${JSON.stringify(outcome)}\n`);
  }
}

const { positionals } = parseArgs({ allowPositionals: true });
const seconds = Number(positionals[0] ?? '5');
const service = await startService({ LATCHKEY_ADMIN_PASSWORD: 'The-Password-1-of-Admin' });
try {
  const authorization = `Token token="${Buffer.from(service.adminToken).toString('base64')}"`;
  const basic = Buffer.from('admin:The-Password-1-of-Admin').toString('base64');
  await measure('who am I', service, { method: 'GET', path: '/whoami', headers: { authorization } }, seconds);
  const login = {
    method: 'GET',
    path: `/authn/${account}/login`,
    headers: { authorization: `Basic ${basic}` },
  };
  await measure('login by password', service, login, seconds);
} finally {
  await service.stop();
}
