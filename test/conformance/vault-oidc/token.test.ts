/** The token endpoint of Vault's providers: codes. */
import assert from 'node:assert/strict';
import { send, type Answer } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  askTokens,
  askUserinfo,
  assertRefused,
  callback,
  challenge,
  claimsIn,
  codeOf,
  flowWorld,
  headerIn,
  tokensIn,
  verifier,
  type Client,
  type FlowWorld,
  first,
  type Parameters,
  type TokenRequest,
} from '../../support/vault-flow-world.ts';

function assertTokenHeaders({ headers, status }: Answer): void {
  assert.equal(headers.get('content-type'), 'application/json');
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('pragma'), 'no-cache');
  assert.equal(headers.get('www-authenticate'), status === 401 ? 'Basic' : null);
}

describeOnStores('Vault: token endpoint, authorization_code', (on) => {
  let world: FlowWorld;
  let token: string;
  let publicClient: Client;

  before(async () => {
    world = await flowWorld(on.service);
    token = await world.tokenOf('end-user');
    publicClient = await world.client('public', { client_type: 'public' });
    await world.provideForAll();
  });

  const redeem = async (
    changes: Parameters,
    request: TokenRequest = {},
    authorized: Parameters = {},
  ): Promise<Answer> => {
    const answer = await askTokens(
      world,
      { code: await codeOf(world, token, authorized), ...changes },
      request,
    );
    assertTokenHeaders(answer);
    return answer;
  };

  const plain = { code_challenge: verifier, code_challenge_method: 'plain' };
  const s256 = { code_challenge: challenge, code_challenge_method: 'S256' };

  const rows: readonly (readonly [
    title: string,
    status: number,
    error: string,
    changes: Parameters,
    request?: TokenRequest,
    authorized?: Parameters,
  ])[] = [
    ['the code is of another provider', 400, 'invalid_grant', {}, { provider: 'all' }],
    ['the provider is unknown', 400, 'invalid_request', {}, { provider: 'missing' }],
    ['there is no Basic header and no client_id', 400, 'invalid_request', {}, { by: 'none' }],
    ['the client is unknown', 401, 'invalid_client', {}, { client: { id: 'unknown', secret: 'x' } }],
    ['Basic has an empty user', 401, 'invalid_client', {}, { client: { id: '', secret: 'x' } }],
    ['grant_type is empty', 400, 'unsupported_grant_type', { grant_type: '' }],
    ['grant_type is missing', 400, 'unsupported_grant_type', { grant_type: undefined }],
    ['grant_type is unknown', 400, 'unsupported_grant_type', { grant_type: 'not_supported' }],
    ['grant_type is refresh_token', 400, 'unsupported_grant_type', { grant_type: 'refresh_token' }],
    ['the code is empty', 400, 'invalid_request', { code: '' }],
    ['the code is unknown', 400, 'invalid_grant', { code: 'unknown' }],
    ['redirect_uri is empty', 400, 'invalid_request', { redirect_uri: '' }],
    ['redirect_uri differs', 400, 'invalid_grant', { redirect_uri: 'https://not.original/callback' }],
    ['redirect_uri has another port', 400, 'invalid_grant', { redirect_uri: 'https://localhost:1/callback' }],
    ['scopes conflict', 400, 'invalid_request', {}, {}, { scope: 'openid test-scope conflict' }],
    ['the verifier of a plain challenge is missing', 400, 'invalid_request', {}, {}, plain],
    ['the verifier of a plain challenge is empty', 400, 'invalid_request', { code_verifier: '' }, {}, plain],
    ['a verifier comes without challenge', 400, 'invalid_request', { code_verifier: verifier }],
    [
      'the verifier of a plain challenge is wrong',
      400,
      'invalid_grant',
      { code_verifier: 'wrong' },
      {},
      plain,
    ],
    [
      'the verifier of an S256 challenge is wrong',
      400,
      'invalid_grant',
      { code_verifier: 'wrong' },
      {},
      s256,
    ],
    [
      'the verifier is the S256 challenge itself',
      400,
      'invalid_grant',
      { code_verifier: challenge },
      {},
      s256,
    ],
  ];
  for (const [title, status, error, changes, request, authorized] of rows) {
    it(`answers ${String(status)} ${error} where ${title}`, async () => {
      assertRefused(await redeem(changes, request, authorized), status, error);
    });
  }

  it('answers 401 invalid_client where the secret is wrong, by header or body, in the same words', async () => {
    const wrong = { ...world.main, secret: 'wrong-secret' };
    const none = { ...world.main, secret: '' };
    const told = new Set<string>();
    for (const client of [wrong, none, { id: 'unknown', secret: 'x' }]) {
      for (const by of ['basic', 'post', 'json'] as const) {
        const answer = await redeem({}, { by, client });
        assertRefused(answer, 401, 'invalid_client');
        told.add(answer.text);
      }
    }
    assert.equal(told.size, 1);
  });

  it('leaves a code usable by failures before it is looked for', async () => {
    const code = await codeOf(world, token);
    assertRefused(
      await askTokens(world, { code }, { client: { ...world.main, secret: 'x' } }),
      401,
      'invalid_client',
    );
    assertRefused(await askTokens(world, { code, grant_type: 'x' }), 400, 'unsupported_grant_type');
    tokensIn(await askTokens(world, { code }));
  });

  it('uses a code up whatever is wrong after it was found', async () => {
    const other = await world.client('another', {});
    const mistakes: readonly (readonly [Parameters, TokenRequest])[] = [
      [{ redirect_uri: 'https://wrong/' }, {}],
      [{ redirect_uri: '' }, {}],
      [{ code_verifier: 'x' }, {}],
    ];
    for (const [changes, request] of mistakes) {
      const code = await codeOf(world, token);
      assert.equal((await askTokens(world, { code, ...changes }, request)).status, 400);
      assertRefused(await askTokens(world, { code }), 400, 'invalid_grant');
    }
    const code = await codeOf(world, token, {}, 'all');
    const stolen = await askTokens(world, { code }, { provider: 'all', client: other });
    assertRefused(stolen, 400, 'invalid_grant');
    assertRefused(await askTokens(world, { code }, { provider: 'all' }), 400, 'invalid_grant');
  });

  it('gives tokens for a code once, also to fifty that ask at the same time', async () => {
    const code = await codeOf(world, token);
    const answers = await Promise.all(Array.from({ length: 50 }, () => askTokens(world, { code })));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    for (const answer of answers) if (answer.status !== 200) assertRefused(answer, 400, 'invalid_grant');
  });

  it('revokes what a code gave when it comes again', async () => {
    const code = await codeOf(world, token);
    const { access_token: accessToken } = tokensIn(await askTokens(world, { code }));
    assert.equal((await askUserinfo(world, accessToken)).status, 200);
    assertRefused(await askTokens(world, { code }), 400, 'invalid_grant');
    assertRefused(await askUserinfo(world, accessToken), 401, 'invalid_token');
  });

  it('answers 401 invalid_client once the provider no longer allows the client', async () => {
    const client = await world.client('dropped');
    const path = 'identity/oidc/provider/dropping';
    await world.vault.write(path, { allowed_client_ids: [client.id] });
    const code = await codeOf(world, token, { client_id: client.id }, 'dropping');
    await world.vault.write(path, { allowed_client_ids: ['other'] });
    const answer = await askTokens(world, { code }, { provider: 'dropping', client });
    assertRefused(answer, 401, 'invalid_client');
    assertTokenHeaders(answer);
  });

  it('answers 401 invalid_client where the key does not allow the client, which authorize did not look at', async () => {
    await world.vault.write('identity/oidc/key/closed', {});
    const client = await world.client('with-closed-key', { key: 'closed' });
    const code = await codeOf(world, token, { client_id: client.id }, 'all');
    assertRefused(await askTokens(world, { code }, { provider: 'all', client }), 401, 'invalid_client');
  });

  for (const [title, before, after] of [
    ['the entity', { entity_ids: 'user:end-user' }, { entity_ids: [] }],
    ['the group', { group_ids: 'group:engineering' }, { group_ids: [] }],
  ] as const) {
    it(`answers 400 invalid_request where the assignment lost ${title} since`, async () => {
      const [kind, role] = first(before);
      const path = `identity/oidc/assignment/losing-${kind}`;
      await world.vault.write(path, { [kind]: [world.idOf(role)] });
      const client = await world.client(`losing-${kind}`, { assignments: [`losing-${kind}`] });
      const code = await codeOf(world, token, { client_id: client.id }, 'all');
      await world.vault.write(path, after);
      assertRefused(await askTokens(world, { code }, { provider: 'all', client }), 400, 'invalid_request');
    });
  }

  it('refuses a public client without a verifier', async () => {
    const code = await codeOf(world, token, { client_id: publicClient.id, ...s256 }, 'all');
    const answer = await askTokens(world, { code }, { provider: 'all', by: 'post', client: publicClient });
    assertRefused(answer, 400, 'invalid_request');
  });

  for (const [title, authorized, changes] of [
    ['a plain challenge', plain, { code_verifier: verifier }],
    ['a challenge without method, which is plain', { code_challenge: verifier }, { code_verifier: verifier }],
    ['an S256 challenge', s256, { code_verifier: verifier }],
    ['no challenge', {}, {}],
  ] as const) {
    it(`gives tokens for a code with ${title}`, async () => {
      tokensIn(await redeem(changes, {}, authorized));
    });
  }

  it('gives a public client tokens without a secret, and whatever secret it sends', async () => {
    for (const client of [publicClient, { ...publicClient, secret: 'ignored' }]) {
      for (const by of ['post', 'basic'] as const) {
        const code = await codeOf(world, token, { client_id: client.id, ...s256 }, 'all');
        tokensIn(await askTokens(world, { code, code_verifier: verifier }, { provider: 'all', by, client }));
      }
    }
  });

  it('says when the user authenticated where max_age was asked, and otherwise not', async () => {
    const fresh = await world.tokenOf('end-user');
    const payload = (JSON.parse(Buffer.from(fresh, 'base64').toString()) as { payload: string }).payload;
    const issuedAt = (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iat: number }).iat;
    const asked = await askTokens(world, { code: await codeOf(world, fresh, { max_age: '30' }) });
    assert.equal(claimsIn(tokensIn(asked).id_token)['auth_time'], issuedAt);
    const unasked = await askTokens(world, { code: await codeOf(world, fresh) });
    assert.equal(claimsIn(tokensIn(unasked).id_token)['auth_time'], undefined);
  });

  it('claims a nonce only where one was sent', async () => {
    assert.equal(claimsIn(tokensIn(await redeem({})).id_token)['nonce'], 'hijklmn');
    for (const nonce of [undefined, '']) {
      assert.ok(!('nonce' in claimsIn(tokensIn(await redeem({}, {}, { nonce })).id_token)));
    }
  });

  it('takes the credentials by header, form and JSON', async () => {
    for (const by of ['basic', 'post', 'json'] as const) tokensIn(await redeem({}, { by }));
  });

  it('takes Basic credentials percent-encoded and not, and before those of the body', async () => {
    const encoded = world.main.secret.replaceAll('_', '%5F');
    tokensIn(await redeem({}, { client: { ...world.main, secret: encoded } }));
    tokensIn(await redeem({ client_id: 'unknown', client_secret: 'wrong' }));
    const code = await codeOf(world, token);
    const form = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: callback });
    const lower = await send(`${world.issuer()}/token`, 'POST', {
      headers: {
        authorization: `bAsIc ${Buffer.from(`${world.main.id}:${world.main.secret}`).toString('base64')}`,
      },
      body: form,
    });
    tokensIn(lower);
  });

  it('answers as the documentation shows', async () => {
    const answer = await redeem({});
    const { access_token: accessToken, id_token: idToken, ...others } = tokensIn(answer);
    assert.deepEqual(others, { token_type: 'Bearer', expires_in: 86_400 });
    assert.match(accessToken, /^b\.[A-Za-z0-9]{40,}$/);
    const { alg, kid, ...header } = headerIn(idToken);
    assert.deepEqual([alg, typeof kid, header], ['RS256', 'string', {}]);
    const { iat, exp, at_hash, c_hash, ...claims } = claimsIn(idToken);
    assert.equal(Number(exp) - Number(iat), 86_400);
    assert.equal(typeof at_hash, 'string');
    assert.equal(typeof c_hash, 'string');
    assert.deepEqual(claims, {
      iss: world.issuer(),
      namespace: 'root',
      sub: world.idOf('user:end-user'),
      aud: world.main.id,
      nonce: 'hijklmn',
      username: 'end-user',
      groups: ['company', 'engineering'],
      contact: { email: 'vault@hashicorp.com', phone_number: '123-456-7890' },
    });
  });

  it('gives tokens for as long as the client says', async () => {
    const client = await world.client('brief', { id_token_ttl: '30m', access_token_ttl: '1h' });
    const code = await codeOf(world, token, { client_id: client.id }, 'all');
    const tokens = tokensIn(await askTokens(world, { code }, { provider: 'all', client }));
    const { iat, exp } = claimsIn(tokens.id_token);
    assert.equal(tokens.expires_in, 3_600);
    assert.equal(Number(exp) - Number(iat), 1_800);
  });

  it('answers 405 in the envelope to other methods', async () => {
    const answer = await send(`${world.issuer()}/token`, 'GET');
    assert.equal(answer.status, 405);
    assert.deepEqual(Object.keys(answer.json() as object), ['errors']);
  });

  it('refuses a body over 64 KiB', async () => {
    const answer = await askTokens(world, { code: 'x'.repeat(70_000) });
    assert.equal(answer.status, 413);
  });

  it('lets pages of other origins ask', async () => {
    const answer = await send(`${world.issuer()}/token`, 'OPTIONS', {
      headers: { origin: 'https://app.example' },
    });
    assert.equal(answer.status, 204);
    assert.equal((await redeem({})).headers.get('access-control-allow-origin'), '*');
  });

  it('records what was issued to whom and what was refused why, and no credential', async () => {
    const code = await codeOf(world, token);
    const { access_token: accessToken, id_token: idToken } = tokensIn(await askTokens(world, { code }));
    await askTokens(world, { code: 'unknown' });
    const lines = await on.service.auditLines();
    const issued = lines.filter((line) => line.includes('issue-tokens') && line.includes(world.main.id));
    assert.ok(issued.some((line) => line.includes('user:end-user') && line.includes('authorization_code')));
    assert.ok(issued.some((line) => line.includes('invalid_grant: the code is unknown')));
    for (const secret of [code, accessToken, idToken, world.main.secret]) {
      assert.ok(!lines.some((line) => line.includes(secret)));
    }
  });
});
