/** Asks for an operation as each case has it. */
import { send, type Answer } from '../support/client.ts';
import type { Operation } from '../support/openapi.ts';
import { filled } from './privileges.ts';
import { cases, type Attempt, type Bearer, type Body, type Case, type Row, type Texts } from './row.ts';
import { withOtherKey, withOtherSignature, withoutSignature } from './tokens.ts';
import type { Prepared, World } from './world.ts';

/** What each case was answered with; several statuses where it stands for several requests. */
export type Outcome = ReadonlyMap<Case, readonly number[]>;

type Asked = readonly (readonly [Case, Attempt])[];

/** Makes ready whatever is asked with, so that asking changes nothing but what it asks for. */
export async function makeReady(world: World, prepared: Prepared): Promise<void> {
  await attemptsOf(world, prepared);
}

/** Everything but the request that is to be served. */
export async function askUnserved(world: World, prepared: Prepared): Promise<Outcome> {
  return ask(
    world,
    prepared,
    (await attemptsOf(world, prepared)).filter(([name]) => name !== 'right'),
  );
}

/** The request that is to be served. */
export async function askServed(world: World, prepared: Prepared): Promise<Outcome> {
  return ask(
    world,
    prepared,
    (await attemptsOf(world, prepared)).filter(([name]) => name === 'right'),
  );
}

/** What a role without any privilege was told, where none is needed. */
export const unprivilegedAnswers = new WeakMap<Prepared, string>();

/** What the administrator of another account was told. */
export const foreignAnswers = new WeakMap<Prepared, string>();

async function ask(world: World, prepared: Prepared, asked: Asked): Promise<Outcome> {
  const outcome = new Map<Case, readonly number[]>();
  for (const [name, attempt] of asked) {
    const { status, text } = await sendAs(world, prepared, (await attempt.late?.()) ?? attempt);
    if (name === 'foreign' && status < 300) foreignAnswers.set(prepared, text);
    if (name === 'right' && prepared.needs.length === 0) unprivilegedAnswers.set(prepared, text);
    outcome.set(name, [...(outcome.get(name) ?? []), status]);
  }
  return outcome;
}

const attempted = new WeakMap<Prepared, Asked>();

async function attemptsOf(world: World, prepared: Prepared): Promise<Asked> {
  const known = attempted.get(prepared);
  if (known !== undefined) return known;
  const { attempts } = prepared.row;
  const made =
    attempts === undefined
      ? bearerAttempts(world, prepared)
      : Object.entries(await attempts({ ...world.stage, parameters: prepared.parameters })).map(
          ([name, attempt]) => [name as Case, attempt] as const,
        );
  const ordered = cases.flatMap((name) => made.filter((each) => each[0] === name));
  attempted.set(prepared, ordered);
  return ordered;
}

function bearerAttempts(world: World, prepared: Prepared): Asked {
  const { operation, account, tokens } = prepared;
  const bearer = bearerOf(operation);
  const nobody = tokens.get('nobody') ?? '';
  const right = tokens.get('right') ?? nobody;
  const foreign = account === 'acct' ? world.stage.foreign.token : world.stage.admin.token;
  const by = (token: string): Attempt => carrying(bearer, Buffer.from(token).toString('base64'));
  const lacking = [...tokens].filter(([name]) => name.startsWith('lacks-'));
  const lesser = tokens.get('lesser');
  return [
    ['none', {}],
    ['garbage', carrying(bearer, 'bm8gdG9rZW4=')],
    ['expired', by(tokens.get('expired') ?? '')],
    ['foreign', by(foreign)],
    ['signature', by(withOtherSignature(right))],
    ['other-kid', by(withOtherKey(right))],
    ['alg-none', by(withoutSignature(right))],
    ...(tokens.has('right') ? ([['nobody', by(nobody)]] as const) : []),
    ...(lesser === undefined ? [] : ([['lesser', by(lesser)]] as const)),
    ...lacking.map(([, token]) => ['but-one', by(token)] as const),
    ['right', by(right)],
  ];
}

function bearerOf({ tags = [], security }: Operation): Bearer {
  if (tags.includes('Akeyless management')) return 'akeyless';
  const schemes = (security ?? []).flatMap((each) => Object.keys(each));
  return schemes.includes('vaultToken') ? 'vault' : 'conjur';
}

function carrying(bearer: Bearer, token: string): Attempt {
  if (bearer === 'akeyless') return { body: { token } };
  if (bearer === 'vault') return { headers: { 'x-vault-token': token } };
  return { headers: { authorization: `Token token="${token}"` } };
}

async function sendAs(
  world: World,
  { operation, row, parameters }: Prepared,
  attempt: Attempt,
): Promise<Answer> {
  const path = pathOf(operation, { ...world.identifiers, ...parameters });
  const asked = Object.entries({ ...row.query, ...attempt.query });
  const query = new URLSearchParams(
    asked.map(([name, value]): [string, string] => [name, filled(value, parameters)]),
  ).toString();
  const body = bodyOf(row, attempt, parameters);
  const method = row.method ?? operation.method.toUpperCase();
  return send(`${world.stage.service.url}${path}${query === '' ? '' : `?${query}`}`, method, {
    headers: { ...contentType(body), ...row.headers, ...attempt.headers },
    ...(body === undefined || ['GET', 'HEAD', 'LIST'].includes(method) ? {} : { body: sent(body) }),
  });
}

/** For parameters that no row says anything of. */
const usual: Texts = {
  account: 'acct',
  provider: 'default',
  rest: 'x',
  uid: 'x',
  id: 'x',
  name: 'x',
  login: 'x',
};

function pathOf(operation: Operation, parameters: Texts): string {
  return operation.path.replace(/\{(\w+)\}/g, (whole, name: string) =>
    encodeURIComponent(parameters[name] ?? usual[name] ?? whole),
  );
}

function bodyOf(row: Row, attempt: Attempt, parameters: Texts): Body | undefined {
  const isObject = (body: Body | undefined): body is Readonly<Record<string, unknown>> =>
    typeof body === 'object' && !(body instanceof URLSearchParams);
  const body =
    isObject(row.body) && isObject(attempt.body)
      ? { ...row.body, ...attempt.body }
      : (attempt.body ?? row.body);
  return isObject(body) ? filledObject(body, parameters) : body;
}

function filledObject(
  body: Readonly<Record<string, unknown>>,
  parameters: Texts,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      typeof value === 'string' ? filled(value, parameters) : value,
    ]),
  );
}

function contentType(body: Body | undefined): Texts {
  if (body === undefined || typeof body === 'string' || body instanceof URLSearchParams) return {};
  return { 'content-type': 'application/json' };
}

function sent(body: Body): string | URLSearchParams {
  return typeof body === 'string' || body instanceof URLSearchParams ? body : JSON.stringify(body);
}
