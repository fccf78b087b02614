import assert from 'node:assert/strict';
import type { RequestContextOf } from '../../../src/http/context.ts';
import type { Services } from '../../../src/domain/services.ts';
import { isFailure } from '../../../src/domain/errors.ts';
import { lookUpToken } from '../../../src/domain/provider/vault/tokens.ts';
import { AccessTokens } from '../../../src/domain/tokens/access-tokens.ts';
import { vaultToken } from '../../../src/http/vault/token.ts';
import { registryStage, type RegistryStage } from '../../support/registry-stage.ts';

const request = { requestId: 'r', clientIp: '127.0.0.1' };
const lifeSeconds = 480;

describe("an access token in Vault's dialect", () => {
  let stage: RegistryStage;
  let services: Services;

  before(async () => {
    stage = await registryStage();
    const tokens = new AccessTokens(stage.services.authority, stage.services.clock);
    services = { ...stage.services, tokens } as unknown as Services;
  });
  after(async () => {
    await stage.close();
  });

  async function tokenOf(login: string): Promise<string> {
    const { role } = await stage.row(login);
    return Buffer.from(services.tokens.issue(await stage.state(), role, lifeSeconds)).toString('base64');
  }

  const presented = (token: string): RequestContextOf =>
    ({ req: { headers: { 'x-vault-token': token } }, state: { request } }) as unknown as RequestContextOf;

  async function remake(login: string): Promise<void> {
    await stage.load(`- !delete { record: !user ${login} }`, 'update');
    await stage.load(`- !user ${login}`);
  }

  it('is the role that it was issued to', async () => {
    await stage.load('- !user alice');
    const { actor } = await vaultToken(services, presented(await tokenOf('alice')));
    assert.equal(actor.role, 'acct:user:alice');
  });

  it('is not a later role of the same name', async () => {
    await stage.load('- !user bob');
    const token = await tokenOf('bob');
    stage.now += 60_000;
    await remake('bob');
    const gone = (error: unknown): boolean => isFailure(error, 'ACCESS_TOKEN_ROLE_GONE');
    await assert.rejects(vaultToken(services, presented(token)), gone);
    await assert.rejects(lookUpToken(services, request, token), gone);
    assert.equal((await lookUpToken(services, request, await tokenOf('bob'))).login, 'bob');
  });

  it('may be of a process whose clock is a little behind that of the one that made the role', async () => {
    stage.now += 4_000;
    await stage.load('- !user carol');
    stage.now -= 4_000;
    const { actor } = await vaultToken(services, presented(await tokenOf('carol')));
    assert.equal(actor.role, 'acct:user:carol');
  });
});
