/** authn-jwt: what the status check says (Conjur's scenarios by their ids). */
import assert from 'node:assert/strict';
import { load, sessionOf, signIn, type Answer, type Session } from '../../support/client.ts';
import { openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { createCertificateAuthority } from '../../support/certificates.ts';
import { describeOnStores } from '../../support/on-stores.ts';
import { keysPath, startRogueIssuer, type RogueIssuer } from '../../support/rogue-issuer.ts';

type Variables = Readonly<Record<string, string | undefined>>;

interface Case {
  readonly variables: (places: Places) => Variables;
  /** What is wrong, in the answer's words; nothing where absent. */
  readonly error?: string | RegExp;
}

interface Places {
  /** A key set over http. */
  readonly jwksUri: string;
  /** A key set under a private authority. */
  readonly privateJwksUri: string;
  /** A discoverable issuer. */
  readonly providerUri: string;
  readonly ca: string;
  readonly otherCa: string;
}

const withKeys = ({ jwksUri }: Places): Variables => ({ 'jwks-uri': jwksUri, 'token-app-property': 'user' });
const unset = (name: string): Case => ({
  variables: (places) => ({ ...withKeys(places), [name]: undefined }),
  error: new RegExp(
    `^#<Errors::Conjur::RequiredSecretMissing: CONJ00037E Missing value for resource: acct:variable:conjur/authn-jwt/s\\d+x/${name}>$`,
  ),
});
const unfetched = (address: string): RegExp =>
  new RegExp(
    `^#<Errors::Authentication::AuthnJwt::FetchJwksKeysFailed: CONJ00087E Failed to fetch JWKS from '${address}'`,
  );
const settings = (fault: string): string =>
  `#<Errors::Authentication::AuthnJwt::InvalidSigningKeySettings: CONJ00122E Invalid signing key settings: ${fault}>`;
const noSource = settings('One of the following must be defined: jwks-uri, public-keys, or provider-uri');

const cases: Readonly<Record<string, Case>> = {
  'a valid service with issuer, audience and a path to the identity (9122)': {
    variables: (places) => ({
      ...withKeys(places),
      'token-app-property': 'kubernetes.io/user',
      issuer: 'gitlab',
      audience: 'conjur',
    }),
  },
  'a service without an issuer (9139)': { variables: withKeys },
  'no source of keys beside an issuer (9138)': {
    variables: () => ({ 'token-app-property': 'user', issuer: 'someIssuer' }),
    error: noSource,
  },
  'no source of keys and no issuer (9140)': {
    variables: () => ({ 'token-app-property': 'user' }),
    error: noSource,
  },
  'two sources of keys': {
    variables: (places) => ({ ...withKeys(places), 'provider-uri': 'someProvider', issuer: 'someIssuer' }),
    error: settings('jwks-uri and provider-uri cannot be defined simultaneously'),
  },
  'token-app-property without a value (9141)': unset('token-app-property'),
  'jwks-uri without a value (9569)': unset('jwks-uri'),
  'provider-uri without a value (9570)': {
    variables: () => ({ 'provider-uri': undefined, 'token-app-property': 'user' }),
    error: /RequiredSecretMissing: CONJ00037E .*\/provider-uri>$/,
  },
  'identity-path without a value (9516)': unset('identity-path'),
  'audience without a value (11162)': unset('audience'),
  'claim-aliases without a value (10875)': unset('claim-aliases'),
  'enforced-claims without a value (10876)': unset('enforced-claims'),
  'a provider that is none (9571)': {
    variables: () => ({ 'provider-uri': 'unknow-host.com', 'token-app-property': 'user' }),
    error:
      /^#<Errors::Authentication::OAuth::ProviderDiscoveryFailed: CONJ00011E Failed to discover Identity Provider/,
  },
  'an address of keys that is none (9572)': {
    variables: () => ({ 'jwks-uri': 'unknow-host.com', 'token-app-property': 'user' }),
    error: unfetched('unknow-host.com'),
  },
  'identity-path with a value (9515)': {
    variables: (places) => ({ ...withKeys(places), 'identity-path': 'apps', issuer: 'gitlab' }),
  },
  'enforced claims and aliases (10875)': {
    variables: (places) => ({
      ...withKeys(places),
      'claim-aliases': 'branch:ref',
      'enforced-claims': 'ref',
    }),
  },
  'an enforced claim that is none (10960)': {
    variables: (places) => ({ ...withKeys(places), 'enforced-claims': '$@$@#sda//sdasdq23asd32rdf' }),
    error:
      /CONJ00104E .*does not match regular expression: '\(\?-mix:\^\[a-zA-Z\|\$\|_\]\[a-zA-Z\|\$\|_\|\\-\|0-9\|\.\]\*\(/,
  },
  'an alias of a claim that is none (10958)': {
    variables: (places) => ({ ...withKeys(places), 'claim-aliases': 'a:b/c//' }),
    error: /CONJ00112E .*CONJ00104E .*does not match regular expression/,
  },
  'an alias with a slash (10958)': {
    variables: (places) => ({ ...withKeys(places), 'claim-aliases': 'a/b:bbb' }),
    error: /CONJ00114E Failed to parse claim aliases: the claim alias name 'a\/b' contains '\/'/,
  },
  'token-app-property with an empty part (13997)': {
    variables: (places) => ({ ...withKeys(places), 'token-app-property': 'a//b' }),
    error: /^#<Errors::Authentication::AuthnJwt::InvalidTokenAppPropertyValue: CONJ00117E .*CONJ00116E/,
  },
  'a private certificate without ca-cert (15311, 15314)': {
    variables: ({ privateJwksUri }) => ({ 'jwks-uri': privateJwksUri, 'token-app-property': 'user' }),
    error: unfetched('https://127\\.0\\.0\\.1:\\d+/jwks'),
  },
  'a private certificate under its own authority (15312, 15315)': {
    variables: ({ privateJwksUri, ca }) => ({
      'jwks-uri': privateJwksUri,
      'token-app-property': 'user',
      'ca-cert': ca,
    }),
  },
  'a private certificate under a bundle that has its authority (15313, 15316)': {
    variables: ({ privateJwksUri, ca, otherCa }) => ({
      'jwks-uri': privateJwksUri,
      'token-app-property': 'user',
      'ca-cert': `${otherCa}${ca}`,
    }),
  },
  'a certificate under another authority than that of ca-cert (15318)': {
    variables: ({ privateJwksUri, otherCa }) => ({
      'jwks-uri': privateJwksUri,
      'token-app-property': 'user',
      'ca-cert': otherCa,
    }),
    error: unfetched('https://127\\.0\\.0\\.1:\\d+/jwks'),
  },
  'public keys that are none (15325)': {
    variables: () => ({ 'public-keys': '{ }', issuer: 'valid-issuer' }),
    error:
      "#<Errors::Authentication::AuthnJwt::InvalidPublicKeys: CONJ00120E Failed to parse 'public-keys': Type can't be blank, Value can't be blank, and Type '' is not a valid public-keys type. Valid types are: jwks>",
  },
  'a provider that can be discovered': {
    variables: ({ providerUri }) => ({ 'provider-uri': providerUri, 'token-app-property': 'user' }),
  },
};

describeOnStores('authn-jwt status', (on) => {
  let stage: JwtStage;
  let privateKeys: RogueIssuer;
  let places: Places;
  let alice: Session;
  before(async () => {
    stage = await openJwtStage(on);
    const authority = createCertificateAuthority();
    privateKeys = await startRogueIssuer({ keys: [stage.key], certificate: authority.issue() });
    places = {
      jwksUri: stage.jwksUri,
      privateJwksUri: privateKeys.url + keysPath,
      providerUri: stage.issuer.url,
      ca: authority.cert,
      otherCa: createCertificateAuthority('Other CA').cert,
    };
    const { created_roles: roles } = await load(stage.admin, '- !user alice\n- !user bob');
    alice = await signIn(on.service, 'alice', roles['acct:user:alice']?.api_key ?? '');
  });
  after(async () => {
    await stage.stop();
    await privateKeys.stop();
  });

  const statusOf = (service: string, session = alice): Promise<Answer> =>
    session.send('GET', `/authn-jwt/${service}/acct/status`);
  const define = async (service: string, variables: Variables): Promise<void> => {
    await stage.define(service, {
      variables,
      policy: `- !grant { role: !group conjur/authn-jwt/${service}/operators, member: !user alice }`,
    });
  };
  const errorIn = (answer: Answer): string => {
    const body = answer.json() as Record<string, unknown>;
    assert.equal(body['status'], 'error');
    return String(body['error']);
  };

  for (const [index, [title, { variables, error }]] of Object.entries(cases).entries()) {
    it(`${error === undefined ? 'passes' : 'reports'} ${title}`, async () => {
      const service = `s${index}x`;
      await define(service, variables(places));
      const answer = await statusOf(service);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
      if (error === undefined) {
        assert.equal(answer.status, 200, answer.text);
        assert.equal((answer.json() as Record<string, unknown>)['status'], 'ok');
        return;
      }
      assert.equal(answer.status, 500);
      if (typeof error === 'string') assert.equal(errorIn(answer), error);
      else assert.match(errorIn(answer), error);
    });
  }

  it('gives the same reason for a bad address of keys as authenticating does, without an issuer', async () => {
    await define('bad', { 'jwks-uri': 'unknown-host.com', 'token-app-property': 'host' });
    assert.match(errorIn(await statusOf('bad')), /CONJ00087E Failed to fetch JWKS from 'unknown-host.com'/);
    await stage.refused(
      await stage.authenticate('bad'),
      'bad',
      "CONJ00087E Failed to fetch JWKS from 'unknown-host.com'",
    );
  });

  it('is 403 without the privilege to read it (9142)', async () => {
    await stage.define('closed');
    const answer = await statusOf('closed');
    assert.equal(answer.status, 403);
    assert.equal(
      errorIn(answer),
      "#<Errors::Authentication::Security::RoleNotAuthorizedOnResource: CONJ00006E 'alice' does not have 'read' privilege on acct:webservice:conjur/authn-jwt/closed/status>",
    );
  });

  it('is 404 without a status webservice (9143)', async () => {
    await load(stage.admin, '- !policy { id: conjur/authn-jwt/bare, body: [ !webservice ] }');
    const answer = await statusOf('bare');
    assert.equal(answer.status, 404);
    assert.match(
      errorIn(answer),
      /WebserviceNotFound: CONJ00005E Webservice 'authn-jwt\/bare\/status' not found/,
    );
  });

  it('is 501 without a service', async () => {
    const answer = await alice.send('GET', '/authn-jwt/acct/status');
    assert.equal(answer.status, 501);
    assert.match(errorIn(answer), /StatusNotSupported: CONJ00056E/);
  });

  it('warns where no audience is set, and not where one is', async () => {
    await define('unbound', withKeys(places));
    const warned = (await statusOf('unbound')).json() as { readonly warnings?: readonly string[] };
    assert.match(warned.warnings?.[0] ?? '', /audience/);
    await define('bound', { ...withKeys(places), audience: 'conjur' });
    assert.deepEqual((await statusOf('bound')).json(), { status: 'ok' });
  });

  it('looks at the keys anew, and says when they are gone', async () => {
    await define('gone', {
      'jwks-uri': places.privateJwksUri,
      'token-app-property': 'user',
      'ca-cert': places.ca,
    });
    assert.equal((await statusOf('gone')).status, 200);
    await privateKeys.down();
    assert.equal((await statusOf('gone')).status, 500);
    await privateKeys.up();
    assert.equal((await statusOf('gone')).status, 200);
  });

  it('writes one record for each check', async () => {
    const count = async (): Promise<number> =>
      (await on.service.auditLines()).filter((line) => line.includes('operation="validate-status"')).length;
    const before = await count();
    await statusOf('bound');
    await statusOf('closed');
    assert.equal((await count()) - before, 2);
    assert.match(await stage.record('bound'), /successfully validated status for authenticator authn-jwt/);
  });

  it('answers 401 to nobody in particular, and takes the token of the right account only', async () => {
    const answer = await sessionOf(on.service, 'x').send('GET', '/authn-jwt/bound/acct/status');
    assert.equal(answer.status, 401);
  });
});
