import { parseArgs } from 'node:util';

/** What is measured, each by the name of its ratio. */
export const measurements = [
  'secret_fetch_lmdb',
  'secret_fetch_redis',
  'secret_fetch_new_tokens',
  'authenticate_rs256',
  'authenticate_es256',
  'code_to_tokens_rs256',
  'code_to_tokens_es256',
  'code_to_tokens_redis',
  'client_credentials',
  'userinfo',
  'discovery',
  'policy_load_10k_vs_parse',
  'policy_load_100k_vs_parse',
  'graph_scale',
  'durable_writes',
  'latency',
  'two_workers',
  'overload',
] as const;

export type Measurement = (typeof measurements)[number];

export interface BenchmarkArguments {
  /** Where the figures go as JSON, beside the table. */
  readonly jsonFile: string | undefined;
  /** Rounds of the hot paths; a policy load gets a third of them. */
  readonly rounds: number;
  /** How long one run within a round lasts. */
  readonly seconds: number;
  readonly only: ReadonlySet<Measurement>;
}

export const usage = `usage: scripts/bench [--json FILE] [--rounds N] [--seconds S] [--only NAME,...]
names: ${measurements.join(', ')}`;

/** @throws Error with the usage: an argument is not one of these */
export function readArguments(argv: readonly string[]): BenchmarkArguments {
  let values: { json?: string; rounds: string; seconds: string; only?: string };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        json: { type: 'string' },
        rounds: { type: 'string', default: '9' },
        seconds: { type: 'string', default: '1.5' },
        only: { type: 'string' },
      },
    }));
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`, { cause: error });
  }
  return {
    jsonFile: values.json,
    rounds: positive('--rounds', values.rounds, /^\d{1,4}$/),
    seconds: positive('--seconds', values.seconds, /^\d{1,4}(\.\d+)?$/),
    only: values.only === undefined ? new Set(measurements) : readNames(values.only),
  };
}

function positive(option: string, text: string, form: RegExp): number {
  if (form.test(text) && Number(text) > 0) return Number(text);
  throw new Error(`${option}: expected a number above 0\n${usage}`);
}

function readNames(text: string): ReadonlySet<Measurement> {
  return new Set(
    text.split(',').map((name) => {
      const known = measurements.find((measurement) => measurement === name.trim());
      if (known === undefined) throw new Error(`--only: there is no ${name.trim()}\n${usage}`);
      return known;
    }),
  );
}
