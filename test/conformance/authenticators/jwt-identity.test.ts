/** authn-jwt: which role a token is presented for (Conjur's scenarios by their ids). */
import assert from 'node:assert/strict';
import { load, send, sessionOf, signIn, type Answer } from '../../support/client.ts';
import { openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { describeOnStores } from '../../support/on-stores.ts';

describeOnStores('authn-jwt identities', (on) => {
  let stage: JwtStage;
  before(async () => {
    stage = await openJwtStage(on);
    await stage.define('token');
    await stage.define('nested', {
      variables: { 'jwks-uri': stage.jwksUri, 'token-app-property': 'account/project/id' },
    });
    await stage.define('path', {
      variables: {
        'jwks-uri': stage.jwksUri,
        'token-app-property': 'host',
        'identity-path': 'some_policy/',
      },
      policy: `
- !policy
  id: some_policy
  body:
  - &inside
    - !host { id: plain, annotations: { authn-jwt/path/project: blue } }
    - !host { id: sub/slashed, annotations: { authn-jwt/path/project: blue } }
    - !user { id: member, annotations: { authn-jwt/url/project: blue } }
    - !host { id: inner, annotations: { authn-jwt/url/project: blue } }
  - !group inside
  - !grant { role: !group inside, members: *inside }
- !grant { role: !group conjur/authn-jwt/path/hosts, member: !group some_policy/inside }
- !user { id: myapp2, annotations: { authn-jwt/token/project: blue } }`,
    });
    await stage.define('url', {
      variables: { 'jwks-uri': stage.jwksUri, 'identity-path': undefined },
      policy: `
- !user { id: alice, annotations: { authn-jwt/url/project: blue } }
- !grant { role: !group conjur/authn-jwt/url/hosts, members: [ !user alice, !group some_policy/inside ] }`,
    });
  });
  after(() => stage.stop());

  const signedInAs = async (answer: Answer): Promise<unknown> => {
    assert.equal(answer.status, 200, answer.text);
    const who = (await sessionOf(on.service, answer.text).send('GET', '/whoami')).json();
    return (who as Record<string, unknown>)['username'];
  };
  const atUrl = (login: string): Promise<Answer> =>
    stage.post(`url/acct/${encodeURIComponent(login)}`, { jwt: stage.token('url') });

  it('takes the host that a claim names (8820)', async () => {
    assert.equal(await signedInAs(await stage.authenticate('token')), 'host/app-token');
  });

  it('takes a claim for a host, also where a user goes by that name (9522)', async () => {
    const answer = await stage.authenticate('token', { host: 'myapp2' });
    await stage.refused(answer, 'token', "CONJ00007E 'host/myapp2' not found");
  });

  it('keeps the name of a role that does not exist out of the field by which records are counted', async () => {
    await stage.authenticate('token', { host: 'non_existing' });
    assert.match(
      await stage.record('token'),
      /\[auth@43868 user="not-found".*'host\/non_existing' not found/,
    );
  });

  it('reaches a claim within others (13707)', async () => {
    const claims = { host: undefined, account: { project: { id: 'app-nested' } } };
    assert.equal(await signedInAs(await stage.authenticate('nested', claims)), 'host/app-nested');
  });

  it('prefers a claim of that very name to the path', async () => {
    const claims = { 'account/project/id': 'app-nested', account: { project: { id: 'other' } } };
    assert.equal(await signedInAs(await stage.authenticate('nested', claims)), 'host/app-nested');
  });

  it('takes a claim whose name is no path, where it is there (29842 and kin)', async () => {
    await stage.define('named', {
      variables: { 'jwks-uri': stage.jwksUri, 'token-app-property': 'https://conjur.org/host' },
    });
    const claims = { 'https://conjur.org/host': 'app-named' };
    assert.equal(await signedInAs(await stage.authenticate('named', claims)), 'host/app-named');
    await stage.refused(await stage.authenticate('named'), 'named', 'CONJ00117E');
  });

  it('puts identity-path before the name, plain or with slashes (9523, 9524)', async () => {
    for (const [host, login] of [
      ['plain', 'host/some_policy/plain'],
      ['/plain', 'host/some_policy/plain'],
      ['sub/slashed', 'host/some_policy/sub/slashed'],
    ])
      assert.equal(await signedInAs(await stage.authenticate('path', { host })), login);
  });

  it('refuses a claim that is absent, empty or no text (8825, 13713)', async () => {
    for (const host of [undefined, null, '', [], {}])
      await stage.refused(
        await stage.authenticate('token', { host }),
        'token',
        "CONJ00081E 'host' field not found in the token",
      );
    await stage.refused(
      await stage.authenticate('token', { host: ['app-token'] }),
      'token',
      "CONJ00118E 'host' value in token has type 'Array'. An identity must be a String.",
    );
    await stage.refused(await stage.authenticate('token', { host: 7 }), 'token', 'CONJ00118E');
  });

  it('finds nothing where an object inherits it', async () => {
    await stage.define('inherited', {
      variables: { 'jwks-uri': stage.jwksUri, 'token-app-property': 'constructor/name' },
    });
    await stage.refused(await stage.authenticate('inherited'), 'inherited', 'CONJ00081E');
  });

  it('refuses token-app-property without a value, and one that points into a list (8824, 13711)', async () => {
    await stage.define('unset', {
      variables: { 'jwks-uri': stage.jwksUri, 'token-app-property': undefined },
    });
    await stage.refused(
      await stage.authenticate('unset'),
      'unset',
      'CONJ00037E Missing value for resource: acct:variable:conjur/authn-jwt/unset/token-app-property',
    );
    await stage.set('unset', { 'token-app-property': 'account[0]/project' });
    await stage.refused(
      await stage.authenticate('unset'),
      'unset',
      "CONJ00117E Failed to parse 'token-app-property' value. Error: '#<Errors::Authentication::AuthnJwt::InvalidClaimPath: CONJ00116E",
    );
  });

  it('refuses an identity in both token and URL, or in neither (8694, 8602)', async () => {
    const reason = 'CONJ00098E JWT identity configuration is invalid';
    const both = await stage.post('token/acct/host%2Fapp-token', { jwt: stage.token('token') });
    await stage.refused(both, 'token', reason);
    await stage.refused(await stage.authenticate('url'), 'url', reason);
  });

  it('takes users and hosts of the URL, in root or below (9519, 9520, 9518, 9521), without identity-path (9517)', async () => {
    for (const login of ['alice', 'member@some_policy', 'host/app-url', 'host/some_policy/inner'])
      assert.equal(await signedInAs(await atUrl(login)), login);
  });

  it('refuses a login of the URL that there is not, and has it in the audit (8821, 8579)', async () => {
    await stage.refused(await atUrl('invalid_host'), 'url', "CONJ00007E 'invalid_host' not found");
    assert.ok((await stage.record('url')).includes('acct:user:invalid_host failed to authenticate'));
    await stage.refused(await atUrl('host/non_existing'), 'url', "CONJ00007E 'host/non_existing' not found");
  });

  it('names the login of the URL in a record, whatever was wrong with the token', async () => {
    await stage.post('url/acct/host%2Fapp-url', { jwt: 'x' });
    assert.match(await stage.record('url'), /user="acct:host:app-url".* acct:host:app-url failed/);
    await stage.post('url/acct/host%2Fnobody', { jwt: 'x' });
    assert.match(await stage.record('url'), /user="not-found".* acct:host:nobody failed/);
  });

  it('lets nobody in as the administrator or as another kind of role', async () => {
    await load(stage.admin, '- !grant { role: !group conjur/authn-jwt/url/hosts, member: !user admin }');
    await stage.refused(await atUrl('admin'), 'url', 'CONJ00017E');
    await stage.refused(await atUrl('user/admin'), 'url', 'CONJ00017E');
    await stage.refused(await atUrl('policy/conjur/authn-jwt/url'), 'url', 'CONJ00007E');
    await stage.refused(await atUrl('group/conjur/authn-jwt/url/hosts'), 'url', 'CONJ00007E');
  });

  it('has no route for a login of several segments', async () => {
    const url = `${on.service.url}/authn-jwt/url/acct/host/app-url/authenticate`;
    const answer = await send(url, 'POST', { body: new URLSearchParams({ jwt: stage.token('url') }) });
    assert.equal(answer.status, 404);
  });

  it('gives a user who signed in so no more than the user has', async () => {
    const alice = await atUrl('alice');
    const session = sessionOf(on.service, alice.text);
    assert.equal(
      (await session.send('GET', '/secrets/acct/variable/conjur%2Fauthn-jwt%2Furl%2Fjwks-uri')).status,
      404,
    );
    assert.equal((await (await signIn(on.service)).send('GET', '/whoami')).status, 200);
  });
});
