import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { newAuthority, newForgedRequest, newRequest, type TestAuthority } from '../../support/ca.ts';
import { load, send, setSecret, signIn, signInAs, type Answer, type Session } from '../../support/client.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const day = 24 * 60 * 60 * 1_000;
const pem = 'application/x-pem-file';

const policy = `
- !policy
  id: conjur/mesh/ca
  body:
  - !variable private-key
  - !variable cert-chain
  - !webservice
    annotations:
      ca/private-key: conjur/mesh/ca/private-key
      ca/certificate-chain: conjur/mesh/ca/cert-chain
      ca/max_ttl: P30D
- !policy
  id: conjur/empty/ca
  body:
  - !variable private-key
  - !variable cert-chain
  - !webservice
    annotations:
      ca/private-key: conjur/empty/ca/private-key
      ca/certificate-chain: conjur/empty/ca/cert-chain
      ca/max_ttl: P30D
- !policy
  id: conjur/bare/ca
  body: [ !webservice ]
- !policy
  id: conjur/nested/name/ca
  body: [ !webservice ]
- !group borrowers
- !policy
  id: conjur/borrowed/ca
  owner: !group borrowers
  body:
  - !webservice
    annotations:
      ca/private-key: conjur/mesh/ca/private-key
      ca/certificate-chain: conjur/mesh/ca/cert-chain
      ca/max_ttl: P30D
- !host apps/web
- !host ${'long/'.repeat(10)}name
- !host stranger
- !user person
- !permit
  role: !host apps/web
  privileges: [ sign ]
  resources: [ !webservice conjur/mesh/ca, !webservice conjur/empty/ca, !webservice conjur/bare/ca, !webservice conjur/nested/name/ca, !webservice conjur/borrowed/ca ]
- !permit { role: !host ${'long/'.repeat(10)}name, privileges: [ sign ], resource: !webservice conjur/mesh/ca }
- !permit { role: !user person, privileges: [ sign ], resource: !webservice conjur/mesh/ca }
`;

describeOnStores('certificates for hosts, as Conjur answers', (on) => {
  let web: Session;
  let stranger: Session;
  let person: Session;
  let tooLong: Session;
  let authority: TestAuthority;
  let csr: string;

  before(async () => {
    const admin = await signIn(on.service);
    const session = signInAs(on.service, await load(admin, policy));
    web = await session('host/apps/web');
    stranger = await session('host/stranger');
    person = await session('person');
    const name = `${'long/'.repeat(10)}name`;
    tooLong = await session(`host/${name}`);
    authority = await newAuthority({ kind: 'P-256' });
    csr = await newRequest('wished', { kind: 'P-256' });
    await setSecret(admin, 'conjur/mesh/ca/private-key', authority.privateKey);
    await setSecret(admin, 'conjur/mesh/ca/cert-chain', authority.chain);
  });

  const path = (service = 'mesh'): string => `/ca/${on.service.account}/${service}/sign`;
  const sign = (
    session: Session,
    fields: Record<string, string> = {},
    service = 'mesh',
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    session.send('POST', path(service), new URLSearchParams({ csr, ttl: 'P1D', ...fields }).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    });
  const isBare = (answer: Answer, status: number): void => {
    assert.deepEqual([answer.status, answer.text], [status, '']);
  };
  const isRefused = (answer: Answer, message: RegExp): void => {
    assert.equal(answer.status, 422, answer.text);
    const { error } = answer.json() as { error: { code: string; message: string } };
    assert.equal(error.code, 'argument_error');
    assert.match(error.message, message);
  };

  it('is misconfigured where its owner may not use the key that its annotations name', async () => {
    // Whoever writes policy for one service would have the authority of another sign for it.
    const admin = await signIn(on.service);
    isBare(await sign(web, {}, 'borrowed'), 500);
    const lent = `
- !permit
  role: !policy borrowed/ca
  privileges: [ read, execute ]
  resources: [ !variable mesh/ca/private-key, !variable mesh/ca/cert-chain ]
`;
    await load(admin, '- !policy conjur');
    await load(admin, lent, 'conjur');
    assert.equal((await sign(web, {}, 'borrowed')).status, 201);
  });

  it('answers 201 with the certificate as JSON, by form or by JSON', async () => {
    const json = await web.send('POST', path(), JSON.stringify({ csr, ttl: 'P1D' }), {
      'content-type': 'application/json',
    });
    for (const answer of [await sign(web), json]) {
      assert.equal(answer.status, 201, answer.text);
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      const body = answer.json() as { certificate: string };
      assert.deepEqual(Object.keys(body), ['certificate']);
      const certificate = new X509Certificate(body.certificate);
      assert.ok(certificate.checkIssued(new X509Certificate(authority.chain)));
      assert.ok(certificate.verify(new X509Certificate(authority.chain).publicKey));
    }
  });

  it('answers the PEM itself where that is what is accepted', async () => {
    const answer = await sign(web, {}, 'mesh', { accept: pem });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('content-type'), pem);
    assert.equal(new X509Certificate(answer.text).ca, false);
  });

  it('answers 406, and issues nothing, where neither is accepted', async () => {
    const before = (await on.service.auditLines()).length;
    isBare(await sign(web, {}, 'mesh', { accept: 'image/png' }), 406);
    assert.equal((await on.service.auditLines()).length, before);
  });

  it('says in subject and names who the host is', async () => {
    const certificate = new X509Certificate((await sign(web, {}, 'mesh', { accept: pem })).text);
    const { account } = on.service;
    assert.equal(certificate.subject, `CN=${account}:mesh:host:apps/web`);
    assert.equal(certificate.subjectAltName, `DNS:web, URI:spiffe://conjur/${account}/mesh/host/apps/web`);
  });

  it('is valid for the time that is asked for, at most as long as the annotation allows', async () => {
    const lifetime = async (ttl: string): Promise<number> => {
      const { validFrom, validTo } = new X509Certificate(
        (await sign(web, { ttl }, 'mesh', { accept: pem })).text,
      );
      return Date.parse(validTo) - Date.parse(validFrom);
    };
    assert.equal(await lifetime('PT90M'), 90 * 60 * 1_000);
    assert.equal(await lifetime('P1Y'), 30 * day);
  });

  it('is 404 for an authority that is not there', async () => {
    for (const service of ['none', 'x'.repeat(1_000)]) {
      const answer = await sign(web, {}, service);
      assert.equal(answer.status, 404);
      const { error } = answer.json() as { error: { target: string } };
      assert.equal(error.target, 'webservice');
    }
    isBare(await sign(web, {}, 'a.b'), 404);
    assert.equal((await web.send('POST', `/ca/nowhere/mesh/sign`, '')).status, 404);
  });

  it('finds a service whose name has a slash, sent as %2F', async () => {
    assert.equal((await sign(web, {}, 'nested%2Fname')).status, 500);
    assert.equal((await sign(web, {}, 'nested%2Fnone')).status, 404);
  });

  it('is 403 without the privilege, and for whoever is no host', async () => {
    isBare(await sign(stranger), 403);
    isBare(await sign(person), 403);
  });

  it('is 403 for a request that is not signed with its own key', async () => {
    isBare(await sign(web, { csr: await newForgedRequest() }), 403);
  });

  it('is 422 without a request or a time, or with one that cannot be read', async () => {
    isRefused(await sign(web, { csr: '' }), /^csr$/);
    isRefused(await sign(web, { ttl: '' }), /^ttl$/);
    isRefused(await sign(web, { csr: 'nonsense' }), /^The CSR is not in PEM$/);
    for (const ttl of ['soon', 'P0D', '-P1D', '3600'])
      isRefused(await sign(web, { ttl }), /ISO8601 duration/);
    isRefused(await web.send('POST', path(), csr, { 'content-type': 'text/plain' }), /^csr$/);
  });

  it('is 422 for keys that are too short', async () => {
    isRefused(await sign(web, { csr: await newRequest('x', { modulusLength: 1_024 }) }), /RSA of 2048/);
  });

  it('is 422 for a host whose name does not fit into a common name', async () => {
    isRefused(await sign(tooLong), /longer than 64 characters/);
  });

  it('is 413 for a body beyond 64 KiB', async () => {
    assert.equal((await sign(web, { csr: 'x'.repeat(65 * 1_024) })).status, 413);
  });

  it('is an empty 500 while the authority is not set up, with the reason in the audit record', async () => {
    for (const [service, why] of [
      ['empty', /variable:conjur\/empty\/ca\/cert-chain is empty or not found$/],
      ['bare', /The annotation ca\/max_ttl of \S+ is missing or cannot be read$/],
    ] as const) {
      isBare(await sign(web, {}, service), 500);
      assert.match((await on.service.auditLines()).at(-1) ?? '', why);
    }
  });

  it('is recorded, with the serial number of what was issued and the reason of a refusal', async () => {
    const certificate = new X509Certificate((await sign(web, {}, 'mesh', { accept: pem })).text);
    const issued = (await on.service.auditLines()).at(-1) ?? '';
    assert.match(
      issued,
      / certificate .*operation="sign".* was issued a certificate by \S+:conjur\/mesh\/ca$/,
    );
    assert.ok(issued.includes(`serial="${certificate.serialNumber.toLowerCase()}"`));
    await sign(stranger);
    assert.match(
      (await on.service.auditLines()).at(-1) ?? '',
      /tried to have a certificate issued by .*: Forbidden$/,
    );
  });

  it('takes an access token, and no other method', async () => {
    assert.equal((await send(on.service.url + path(), 'POST')).status, 401);
    isBare(await web.send('GET', path()), 404);
  });
});
