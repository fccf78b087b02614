/** authn-jwt: where the signing keys come from (Conjur's scenarios by their ids). */
import assert from 'node:assert/strict';
import { load, setSecret } from '../../support/client.ts';
import { startIssuer, type Issuer } from '../../support/issuer.ts';
import { openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import {
  answerBody,
  answerJson,
  answerRedirect,
  answerStatus,
  createSigningKey,
  keysPath,
  mint,
  privateCertificate,
  startRogueIssuer,
  type RogueIssuer,
} from '../../support/rogue-issuer.ts';

describeOnStores('authn-jwt signing keys', (on) => {
  let stage: JwtStage;
  let provider: Issuer;
  let trusted: Issuer;
  before(async () => {
    stage = await openJwtStage(on);
    provider = await startIssuer({ algorithms: ['RS256'] });
    trusted = await startIssuer({ algorithms: ['RS256'], https: true });
  });
  after(async () => {
    await stage.stop();
    await provider.stop();
    await trusted.stop();
  });

  const publicKeys = (...keys: readonly object[]): string =>
    JSON.stringify({ type: 'jwks', value: { keys } });
  const settings = (fault: string): string => `CONJ00122E Invalid signing key settings: ${fault}`;

  it('refuses more than one source, and none (8694, 8695, 8826, 8696)', async () => {
    const keys = publicKeys(stage.key.jwk);
    const cases: [string, Record<string, string>, string][] = [
      [
        'two-uris',
        { 'jwks-uri': 'x', 'provider-uri': 'y' },
        'jwks-uri and provider-uri cannot be defined simultaneously',
      ],
      [
        'uri-and-keys',
        { 'jwks-uri': 'x', 'public-keys': keys },
        'jwks-uri and public-keys cannot be defined simultaneously',
      ],
      [
        'provider-and-keys',
        { 'provider-uri': 'x', 'public-keys': keys },
        'public-keys and provider-uri cannot be defined simultaneously',
      ],
      [
        'all-three',
        { 'jwks-uri': 'x', 'provider-uri': 'y', 'public-keys': keys },
        'jwks-uri, public-keys, and provider-uri cannot be defined simultaneously',
      ],
      [
        'none',
        { issuer: 'x' },
        'One of the following must be defined: jwks-uri, public-keys, or provider-uri',
      ],
      [
        'needless-cert',
        { 'public-keys': keys, issuer: 'x', 'ca-cert': 'x' },
        'ca-cert can only be defined together with jwks-uri or provider-uri',
      ],
      ['no-issuer', { 'public-keys': keys }, 'issuer is mandatory when public-keys is defined'],
    ];
    for (const [service, variables, fault] of cases) {
      await stage.define(service, { variables });
      await stage.refused(await stage.authenticate(service), service, settings(fault));
    }
  });

  it('refuses a source that is declared without a value (8698, 8697)', async () => {
    for (const name of ['jwks-uri', 'provider-uri']) {
      const service = `unset-${name}`;
      await stage.define(service, { variables: { [name]: undefined } });
      const reason = `CONJ00037E Missing value for resource: acct:variable:conjur/authn-jwt/${service}/${name}`;
      await stage.refused(await stage.authenticate(service), service, reason);
    }
  });

  it('refuses bad addresses, each in its words (8704, 8705, 8728, 8728)', async () => {
    for (const issuer of [{}, { issuer: 'incorrect.com' }]) {
      const suffix = Object.keys(issuer).join('');
      await stage.define(`bad-jwks${suffix}`, {
        variables: { 'jwks-uri': 'unknown-host.com', 'token-app-property': 'host', ...issuer },
      });
      const jwks = "CONJ00087E Failed to fetch JWKS from 'unknown-host.com'";
      await stage.refused(await stage.authenticate(`bad-jwks${suffix}`), `bad-jwks${suffix}`, jwks);
      await stage.define(`bad-provider${suffix}`, {
        variables: { 'provider-uri': 'unknown-host.com', 'token-app-property': 'host', ...issuer },
      });
      const discovery = "CONJ00011E Failed to discover Identity Provider (Provider URI: 'unknown-host.com')";
      await stage.refused(
        await stage.authenticate(`bad-provider${suffix}`),
        `bad-provider${suffix}`,
        discovery,
      );
    }
  });

  it('refuses a name that does not resolve, and one that may not be called', async () => {
    await stage.define('unresolved', { variables: { 'jwks-uri': 'https://keys.invalid/jwks' } });
    await stage.refused(await stage.authenticate('unresolved'), 'unresolved', 'CONJ00087E');
    await stage.define('metadata', { variables: { 'jwks-uri': 'https://169.254.169.254/keys' } });
    await stage.refused(await stage.authenticate('metadata'), 'metadata', 'CONJ00087E');
    await stage.define('plain', { variables: { 'jwks-uri': 'http://keys.example/jwks' } });
    await stage.refused(await stage.authenticate('plain'), 'plain', 'CONJ00087E');
  });

  it('shows no credentials of an address', async () => {
    await stage.define('credentials', {
      variables: { 'jwks-uri': 'https://name:hidden1@127.0.0.1/keys?token=hidden2' },
    });
    await stage.refused(await stage.authenticate('credentials'), 'credentials', 'CONJ00087E');
    assert.doesNotMatch(await stage.record('credentials'), /hidden/);
  });

  it('discovers a provider, with a certificate of its own and without (8702)', async () => {
    const inToken = { 'token-app-property': 'sub' };
    const policy = `
- !host { id: alice, annotations: { authn-jwt/discovered/email: alice@conjur.net, authn-jwt/tls/email: alice@conjur.net } }`;
    await stage.define('discovered', {
      variables: { 'provider-uri': provider.url, issuer: provider.url, ...inToken },
      policy: `${policy}\n- !grant { role: !group conjur/authn-jwt/discovered/hosts, member: !host alice }`,
    });
    const token = await provider.idToken('alice');
    assert.equal((await stage.post('discovered/acct', { jwt: token })).status, 200);
    await stage.define('tls', {
      variables: { 'provider-uri': trusted.url, 'ca-cert': trusted.caCert, issuer: trusted.url, ...inToken },
      policy: '- !grant { role: !group conjur/authn-jwt/tls/hosts, member: !host alice }',
    });
    const jwt = await trusted.idToken('alice');
    assert.equal((await stage.post('tls/acct', { jwt })).status, 200);
    await stage.refused(await stage.post('tls/acct', { jwt: token }), 'tls', 'CONJ00035E');
  });

  it('refuses untrusted TLS at either address (8914, 8913)', async () => {
    await stage.define('untrusted-provider', { variables: { 'provider-uri': trusted.url } });
    const jwt = stage.token('x');
    await stage.refused(
      await stage.post('untrusted-provider/acct', { jwt }),
      'untrusted-provider',
      'CONJ00011E',
    );
    await stage.define('untrusted-jwks', { variables: { 'jwks-uri': `${trusted.url}/jwks` } });
    await stage.refused(await stage.post('untrusted-jwks/acct', { jwt }), 'untrusted-jwks', 'CONJ00087E');
  });

  it('reads a key set over TLS under ca-cert, and refuses ca-cert beside http', async () => {
    const certificate = privateCertificate();
    const keys = await startRogueIssuer({ keys: [stage.key], certificate });
    try {
      const { ca } = certificate;
      await stage.define('own-ca', {
        variables: { 'jwks-uri': keys.url + keysPath, 'token-app-property': 'host', 'ca-cert': ca },
      });
      assert.equal((await stage.authenticate('own-ca')).status, 200);
      await stage.set('own-ca', { 'jwks-uri': stage.jwksUri });
      await stage.refused(await stage.authenticate('own-ca'), 'own-ca', 'CONJ00087E');
      assert.match(await stage.record('own-ca'), /TLS misconfiguration/);
    } finally {
      await keys.stop();
    }
  });

  it('switches from a provider to a key set and back by policy (8708 and the reverse)', async () => {
    const service = 'switched';
    await stage.define(service, {
      variables: { 'provider-uri': provider.url, 'token-app-property': 'host', issuer: '127.0.0.1' },
    });
    await stage.refused(await stage.authenticate(service), service, 'CONJ00035E');
    const swap = async (from: string, to: string): Promise<void> => {
      const change = `
- !delete { record: !variable conjur/authn-jwt/${service}/${from} }
- !variable conjur/authn-jwt/${service}/${to}`;
      await load(stage.admin, change, 'root', 'PATCH');
    };
    await swap('provider-uri', 'jwks-uri');
    await stage.set(service, { 'jwks-uri': stage.jwksUri });
    assert.equal((await stage.authenticate(service)).status, 200);
    await swap('jwks-uri', 'provider-uri');
    await stage.set(service, { 'provider-uri': provider.url });
    await stage.refused(await stage.authenticate(service), service, 'CONJ00035E');
  });

  it('takes a corrected address at once (8709, 8710)', async () => {
    await stage.define('corrected', {
      variables: { 'jwks-uri': 'incorrect.com', 'token-app-property': 'host', issuer: '127.0.0.1' },
    });
    await stage.refused(await stage.authenticate('corrected'), 'corrected', 'CONJ00087E');
    await stage.set('corrected', { 'jwks-uri': stage.jwksUri });
    assert.equal((await stage.authenticate('corrected')).status, 200);
    await stage.define('corrected-provider', {
      variables: { 'provider-uri': 'incorrect.com', 'token-app-property': 'host', issuer: '127.0.0.1' },
    });
    await stage.refused(await stage.authenticate('corrected-provider'), 'corrected-provider', 'CONJ00011E');
    await stage.set('corrected-provider', { 'provider-uri': stage.issuer.url });
    assert.equal((await stage.authenticate('corrected-provider')).status, 200);
  });

  it('takes static public keys, for their issuer only (15322, 15323, 15324)', async () => {
    await stage.define('static', {
      variables: {
        'public-keys': publicKeys(stage.key.jwk),
        'token-app-property': 'host',
        issuer: 'valid-issuer',
      },
    });
    assert.equal((await stage.authenticate('static', { iss: 'valid-issuer' })).status, 200);
    await stage.refused(await stage.authenticate('static', { iss: 'other' }), 'static', 'CONJ00035E');
    const other = createSigningKey('RS256', { kid: stage.key.kid });
    await stage.set('static', { 'public-keys': publicKeys(other.jwk) });
    await stage.refused(await stage.authenticate('static', { iss: 'valid-issuer' }), 'static', 'CONJ00035E');
    assert.match(await stage.record('static'), /signature/i);
  });

  it('says what is wrong with public keys (15325)', async () => {
    const cases: [string, string][] = [
      [
        '{ }',
        "Type can't be blank, Value can't be blank, and Type '' is not a valid public-keys type. Valid types are: jwks",
      ],
      ['[]', 'Value not in valid JSON format'],
      ['no json', 'Value not in valid JSON format'],
      [
        '{"type":"pem","value":{"keys":[]}}',
        "Type 'pem' is not a valid public-keys type. Valid types are: jwks",
      ],
      ['{"type":"jwks","value":{"keys":[]}}', 'Value is not a valid JWKS (RFC7517)'],
      ['{"type":"jwks"}', "Value can't be blank and Value is not a valid JWKS (RFC7517)"],
      [
        publicKeys({ kty: 'oct', k: 'AAAA' }),
        'Value has 1 keys, none of which can be used: one is private or symmetric',
      ],
    ];
    await stage.define('bad-keys', { variables: { 'public-keys': '{ }', issuer: '127.0.0.1' } });
    for (const [value, fault] of cases) {
      await stage.set('bad-keys', { 'public-keys': value });
      const reason = `CONJ00120E Failed to parse 'public-keys': ${fault}`;
      await stage.refused(await stage.authenticate('bad-keys'), 'bad-keys', reason);
    }
  });

  describe('what a key set is answered with', () => {
    let keys: RogueIssuer;
    before(async () => {
      keys = await startRogueIssuer({ keys: [] });
    });
    after(() => keys.stop());

    it('tells a status, other than JSON, no keys, a redirect and unusable keys apart', async () => {
      const cases = [
        [answerStatus(500), 'CONJ00123E Failed to fetch JWKS data from'],
        [answerStatus(404), 'CONJ00123E'],
        [answerBody('text/html', '<html>'), 'CONJ00093E Failed to convert HTTP response'],
        [answerJson({ values: [] }), 'CONJ00088E'],
        [answerJson([]), 'CONJ00088E'],
        [answerJson({ keys: [] }), 'CONJ00093E'],
        [answerRedirect('/elsewhere'), "CONJ00087E Failed to fetch JWKS from '"],
      ] as const;
      for (const [index, [answer, reason]] of cases.entries()) {
        keys.answerKeys(answer);
        const service = `answer-${index}`;
        // A path of its own, so that the failure before is not remembered.
        await stage.define(service, { variables: { 'jwks-uri': `${keys.url}${keysPath}#${index}` } });
        await stage.refused(await stage.authenticate(service), service, reason);
      }
    });

    it('skips a key of a kind it does not know beside one that it does', async () => {
      keys.publish({ ...stage.key, jwk: { kty: 'OKP', crv: 'X448', x: 'AA' } }, stage.key);
      await stage.define('mixed', {
        variables: { 'jwks-uri': keys.url + keysPath, 'token-app-property': 'host' },
      });
      assert.equal((await stage.authenticate('mixed')).status, 200);
    });

    it('fetches anew for a key that it does not know, and lets the very request in', async () => {
      const fresh = createSigningKey('RS256', { kid: 'rotated' });
      keys.publish(fresh);
      const now = Math.floor(Date.now() / 1_000);
      const jwt = mint(fresh, { iss: '127.0.0.1', host: 'app-mixed', project: 'blue', exp: now + 600 });
      assert.equal((await stage.post('mixed/acct', { jwt })).status, 200);
    });

    it('serves the keys it has while their address is down', async () => {
      await keys.down();
      const before = await stage.post('mixed/acct', { jwt: 'a.b.c' });
      assert.equal(before.status, 401);
      await setSecret(stage.admin, 'conjur/authn-jwt/mixed/token-app-property', 'host');
      await stage.refused(await stage.authenticate('mixed'), 'mixed', 'CONJ00035E');
      await keys.up();
    });
  });
});
