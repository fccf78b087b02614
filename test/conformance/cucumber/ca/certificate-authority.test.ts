import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { newAuthority, newRequest, type TestAuthority } from '../../../support/ca.ts';
import { load, setSecret, signIn, type Answer, type Session } from '../../../support/client.ts';
import { describeOnStores } from '../../../support/on-stores.ts';

const policy = `
- !policy
  id: conjur/kitchen/ca
  body:
  - !variable private-key
  - !variable cert-chain
  - !webservice
    annotations:
      ca/private-key: conjur/kitchen/ca/private-key
      ca/certificate-chain: conjur/kitchen/ca/cert-chain
      ca/max_ttl: P1Y
  - !group clients
  - !permit { role: !group clients, privilege: [ sign ], resource: !webservice }
- !host bacon
- !host toast
- !grant { role: !group conjur/kitchen/ca/clients, member: !host bacon }
- !policy
  id: conjur/dining-room/ca
  body:
  - !variable private-key
  - !variable private-key-password
  - !variable cert-chain
  - !webservice
    annotations:
      ca/private-key: conjur/dining-room/ca/private-key
      ca/private-key-password: conjur/dining-room/ca/private-key-password
      ca/certificate-chain: conjur/dining-room/ca/cert-chain
      ca/max_ttl: P1Y
- !host table
- !permit { role: !host table, privilege: [ sign ], resource: !webservice conjur/dining-room/ca }
`;

/** Conjur's certificate_authority.feature, a test for each of its scenarios. */
describeOnStores('signing certificates with a configured authority', (on) => {
  let admin: Session;
  let keyOf: (host: string) => string | undefined;
  let kitchen: TestAuthority;
  let diningRoom: TestAuthority;

  before(async () => {
    admin = await signIn(on.service);
    const { created_roles: created } = await load(admin, policy, 'root', 'PUT');
    keyOf = (host) => created[`${on.service.account}:host:${host}`]?.api_key;
    kitchen = await newAuthority();
    diningRoom = await newAuthority({ password: 'secret' });
    for (const [name, { chain, privateKey }] of [
      ['kitchen', kitchen],
      ['dining-room', diningRoom],
    ] as const) {
      await setSecret(admin, `conjur/${name}/ca/private-key`, privateKey);
      await setSecret(admin, `conjur/${name}/ca/cert-chain`, chain);
    }
    await setSecret(admin, 'conjur/dining-room/ca/private-key-password', 'secret');
  });

  const sendRequest = async (host: string, service: string, accept = '*/*'): Promise<Answer> => {
    const session = await signIn(on.service, `host/${host}`, keyOf(host));
    const fields = new URLSearchParams({ csr: await newRequest(host), ttl: 'P6M' });
    return session.send('POST', `/ca/${on.service.account}/${service}/sign`, fields.toString(), {
      'content-type': 'application/x-www-form-urlencoded',
      accept,
    });
  };
  const isIssuedBy = (certificate: X509Certificate, authority: TestAuthority): void => {
    const parent = new X509Certificate(authority.chain);
    assert.ok(certificate.checkIssued(parent) && certificate.verify(parent.publicKey));
  };
  const ofJson = (answer: Answer): X509Certificate =>
    new X509Certificate((answer.json() as { certificate: string }).certificate);

  it('does not find an authority that does not exist', async () => {
    assert.equal((await admin.send('POST', `/ca/${on.service.account}/living-room/sign`)).status, 404);
  });

  it('is forbidden to whoever is not a host', async () => {
    assert.equal((await admin.send('POST', `/ca/${on.service.account}/kitchen/sign`)).status, 403);
  });

  it('is forbidden to a host without the privilege to sign', async () => {
    assert.equal((await sendRequest('toast', 'kitchen')).status, 403);
  });

  it('signs a valid request', async () => {
    const answer = await sendRequest('bacon', 'kitchen');
    assert.equal(answer.status, 201);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
    isIssuedBy(ofJson(answer), kitchen);
  });

  it('answers the certificate itself in PEM, with common name and alternative names', async () => {
    const answer = await sendRequest('bacon', 'kitchen', 'application/x-pem-file');
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('content-type'), 'application/x-pem-file');
    const certificate = new X509Certificate(answer.text);
    isIssuedBy(certificate, kitchen);
    const { account } = on.service;
    assert.equal(certificate.subject, `CN=${account}:kitchen:host:bacon`);
    const names = certificate.subjectAltName?.split(', ') ?? [];
    assert.ok(names.includes('DNS:bacon'));
    assert.ok(names.includes(`URI:spiffe://conjur/${account}/kitchen/host/bacon`));
  });

  it('signs with a private key that is encrypted', async () => {
    const answer = await sendRequest('table', 'dining-room');
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
    isIssuedBy(ofJson(answer), diningRoom);
  });
});
