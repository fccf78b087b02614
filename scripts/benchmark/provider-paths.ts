/** The requests of the OpenID Provider, each against bare Koa (and jose) that answers the same. */
import { join } from 'node:path';
import type { Measurement } from './arguments.ts';
import { answerTo, writeRequests } from './hot-requests.ts';
import type { Algorithm } from './issuer.ts';
import type { ProviderAnswer } from './provider-floor.ts';
import { populateProvider, type ProviderWorld } from './provider-world.ts';
import { startService } from './service.ts';
import { addPath, openRedis, startFloor, type HotPathOptions, type NewPath, type Stage } from './stage.ts';

/** More than are redeemed in a second; a run that uses them up ends with the last. */
const codesPerSecond = 4_000;
const accessTokens = 500;

const redemptions = [
  ['code_to_tokens_rs256', 'RS256'],
  ['code_to_tokens_es256', 'ES256'],
] as const satisfies readonly (readonly [Measurement, Algorithm])[];

const onLmdb: readonly Measurement[] = [
  'code_to_tokens_rs256',
  'code_to_tokens_es256',
  'client_credentials',
  'userinfo',
  'discovery',
];

export async function setUpProvider(stage: Stage, options: HotPathOptions): Promise<void> {
  const { only, say } = options;
  if (onLmdb.some((name) => only.has(name))) {
    say('starting the provider on LMDB');
    const service = await stage.open(startService(), (opened) => opened.stop());
    const world = await populateProvider(service);
    for (const [name, algorithm] of redemptions) {
      if (only.has(name)) await addRedemption(stage, options, world, { name, algorithm });
    }
    await addReads(stage, options, world);
  }
  if (only.has('code_to_tokens_redis')) {
    say('starting the provider on Redis');
    const { url, pid: storePid } = await openRedis(stage);
    const service = await stage.open(startService({ LATCHKEY_STORE: url }), (opened) => opened.stop());
    const world = await populateProvider(service);
    await addRedemption(stage, options, world, {
      name: 'code_to_tokens_redis',
      algorithm: 'ES256',
      storePid,
    });
  }
}

interface Redemption {
  readonly name: Measurement;
  readonly algorithm: Algorithm;
  readonly storePid?: number;
}

async function addRedemption(
  stage: Stage,
  { folder, say }: HotPathOptions,
  world: ProviderWorld,
  { name, algorithm, storePid }: Redemption,
): Promise<void> {
  const file = join(folder, `${name}.requests`);
  const writeFor = async (seconds: number): Promise<void> => {
    const codes = await world.mintCodes(algorithm, Math.ceil(seconds * codesPerSecond));
    writeRequests(
      file,
      codes.map((code) => world.redemption(algorithm, code)),
    );
  };
  say(`minting codes for ${algorithm} ID tokens`);
  await writeFor(1);
  const [code = ''] = await world.mintCodes(algorithm, 1);
  const answer = await signedAnswer(world, world.redemption(algorithm, code), 'id_token', algorithm);
  await addPath(stage, {
    name,
    floor: `koa_jose_id_token_${algorithm.toLowerCase()}`,
    openFloor: () => startFloor('provider-floor.js', answer),
    service: world.service,
    requestsFile: file,
    renew: writeFor,
    ...(storePid === undefined ? {} : { storePid }),
  });
}

async function addReads(stage: Stage, { folder, only }: HotPathOptions, world: ProviderWorld): Promise<void> {
  const add = async (
    name: Measurement,
    floor: string,
    requests: readonly string[],
    answer: ProviderAnswer,
  ): Promise<void> => {
    const path: NewPath = {
      name,
      floor,
      openFloor: () => startFloor('provider-floor.js', answer),
      service: world.service,
      requestsFile: writeRequests(join(folder, `${name}.requests`), requests),
    };
    await addPath(stage, path);
  };
  if (only.has('client_credentials')) {
    const request = world.clientCredentials('ES256');
    const answer = await signedAnswer(world, request, 'access_token', 'ES256');
    await add('client_credentials', 'koa_jose_access_token', [request], answer);
  }
  if (only.has('userinfo')) {
    const codes = await world.mintCodes('ES256', accessTokens);
    const requests: string[] = [];
    for (const code of codes) {
      const { access_token: token } = await ask(world, world.redemption('ES256', code));
      requests.push(world.userinfo(String(token)));
    }
    await add('userinfo', 'koa_userinfo', requests, { body: await ask(world, requests[0] ?? '') });
  }
  if (only.has('discovery')) await add('discovery', 'koa_hello', [world.discovery()], { body: 'hello' });
}

type Members = Readonly<Record<string, unknown>>;

async function ask({ service }: ProviderWorld, request: string): Promise<Members> {
  return JSON.parse(await answerTo(service.port, request)) as Members;
}

/** What the service answers, told so that the floor can sign one member of it by a key of its own. */
async function signedAnswer(
  world: ProviderWorld,
  request: string,
  member: string,
  algorithm: Algorithm,
): Promise<ProviderAnswer> {
  const body = await ask(world, request);
  const [header, claims] = String(body[member])
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString())
    .slice(0, 2)
    .map((text) => JSON.parse(text) as Members);
  if (header === undefined || claims === undefined) throw new Error(`no token is answered as ${member}`);
  return { body, signed: { member, algorithm, header, claims } };
}
