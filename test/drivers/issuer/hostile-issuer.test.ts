import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import {
  answerBody,
  answerEndless,
  answerHalf,
  answerJson,
  answerNever,
  answerRedirect,
  answerStatus,
  keysPath,
  metadataPath,
  startRogueIssuer,
  type Answer,
} from '../../support/rogue-issuer.ts';
import { fails, onStage, sharedKey, shown } from './fixture.ts';

const hang: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{', () => response.destroy());
};

describe('hostile issuer: answers', () => {
  for (const [name, answer] of [
    ['never answers', answerNever],
    ['begins an answer and never ends it', answerHalf],
  ] as const) {
    it(`times out where the issuer ${name}`, () =>
      onStage(
        async ({ issuer, verifier }) => {
          issuer.answerMetadata(answer);
          await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_TIMEOUT');
          issuer.answerMetadata(answerJson(issuer.metadata()));
          issuer.answerKeys(answer);
          await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_TIMEOUT');
        },
        { totalTimeoutMs: 150 },
      ));
  }

  it('times out where the other side takes the connection and does not speak TLS', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await onStage(
      async ({ verifier }) => {
        await fails(verifier.check({ providerUri: `https://127.0.0.1:${port}` }), 'ISSUER_TIMEOUT');
      },
      { connectTimeoutMs: 100 },
    );
    server.close();
  });

  it('stops reading an answer that is too long', () =>
    onStage(async ({ issuer, verifier }) => {
      const endless = answerEndless();
      issuer.answerMetadata(endless);
      await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_INVALID');
      issuer.answerMetadata(answerJson(issuer.metadata()));
      issuer.answerKeys(endless);
      await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_KEYS_UNAVAILABLE');
      assert.ok(endless.sentBytes() < 32 * 1_024 * 1_024);
    }));

  it('does not begin to read an answer that is announced as too long', () =>
    onStage(async ({ issuer, verifier }) => {
      issuer.answerMetadata((response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '10000000' });
        response.flushHeaders();
      });
      await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_INVALID');
    }));

  it('accepts an answer of just under 1 MiB', () =>
    onStage(async ({ issuer, verifier }) => {
      issuer.answerMetadata(answerJson(issuer.metadata({ padding: 'x'.repeat(1_000_000) })));
      await verifier.check({ providerUri: issuer.url });
    }));

  it('follows no redirect, to another host or its own', () =>
    onStage(async ({ issuer, verifier }) => {
      const other = await startRogueIssuer({ keys: [sharedKey('ES256')] });
      try {
        for (const target of [
          `${other.url}${metadataPath}`,
          `${issuer.url}/elsewhere`,
          '//169.254.169.254/',
        ]) {
          issuer.answerMetadata(answerRedirect(target));
          await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_INVALID');
        }
        issuer.answerMetadata(answerJson(issuer.metadata()));
        issuer.answerKeys(answerRedirect(`${other.url}${keysPath}`));
        await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_KEYS_UNAVAILABLE');
        assert.deepEqual(other.requests, []);
        assert.equal(issuer.requests.includes('/elsewhere'), false);
      } finally {
        await other.stop();
      }
    }));

  for (const status of [204, 404, 500, 503]) {
    it(`says so where the issuer answers with status ${status}`, () =>
      onStage(async ({ issuer, verifier }) => {
        issuer.answerMetadata(answerStatus(status));
        const failure = await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_UNREACHABLE');
        assert.match(failure.message, new RegExp(String(status)));
        issuer.answerMetadata(answerJson(issuer.metadata()));
        issuer.answerKeys(answerStatus(status));
        await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_KEYS_UNAVAILABLE');
      }));
  }

  for (const [name, answer] of [
    ['a page', answerBody('text/html', '<!doctype html><title>Sign in</title>')],
    ['nothing', answerBody('application/json', '')],
    ['a list', answerJson([])],
    ['null', answerJson(null)],
    ['half of a document', answerBody('application/json', '{"issuer":')],
    ['no issuer', answerJson({ jwks_uri: 'https://example.com/jwks' })],
    ['an issuer that is no text', answerJson({ issuer: 7, jwks_uri: 'https://example.com/jwks' })],
  ] as const) {
    it(`refuses ${name} as metadata`, () =>
      onStage(async ({ issuer, verifier }) => {
        issuer.answerMetadata(answer);
        await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_INVALID');
      }));
  }

  for (const [name, answer] of [
    ['a page', answerBody('text/html', '<!doctype html><title>Sign in</title>')],
    ['nothing', answerBody('application/json', '')],
    ['a list', answerJson([])],
    ['keys that are no list', answerJson({ keys: { a: 1 } })],
    ['no key', answerJson({ keys: [] })],
    ['more than 100 keys', answerJson({ keys: Array.from({ length: 101 }, () => sharedKey('ES256').jwk) })],
    [
      'what is not keys',
      answerJson({ keys: [null, 7, 'key', [], {}, { kty: 7 }, { kty: 'RSA' }, { kty: 'EC' }] }),
    ],
  ] as const) {
    it(`refuses ${name} as keys`, () =>
      onStage(async ({ issuer, verifier }) => {
        issuer.answerKeys(answer);
        await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_KEYS_UNAVAILABLE');
      }));
  }

  it('uses the good keys of a set whatever stands beside them', () =>
    onStage(async ({ issuer, key, verify, token }) => {
      const strange = [
        null,
        7,
        {},
        { kty: 'RSA', n: 'AQAB', e: 'AQAB' },
        { kty: 'EC', crv: 'P-256' },
        { kty: 'AKP' },
      ];
      issuer.answerKeys(answerJson({ keys: [...strange, key.jwk, { ...key.jwk, use: 'enc' }] }));
      await verify(token());
    }));

  it('asks for no encoding, and refuses one', () =>
    onStage(async ({ issuer, verifier }) => {
      issuer.answerMetadata((response) => {
        const body = gzipSync(JSON.stringify(issuer.metadata()));
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body);
      });
      const failure = await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_INVALID');
      assert.match(failure.message, /encoding/);
    }));

  it('survives an answer that breaks off', () =>
    onStage(async ({ issuer, verifier }) => {
      issuer.answerMetadata(hang);
      await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_UNREACHABLE');
    }));
});

describe('hostile issuer: what it says about itself', () => {
  it('refuses an issuer that goes by another name', () =>
    onStage(async ({ issuer, verifier }) => {
      for (const stated of [
        'https://accounts.example',
        `${issuer.url}/other`,
        `${issuer.url}//`,
        'no address',
      ]) {
        issuer.answerMetadata(answerJson(issuer.metadata({ issuer: stated })));
        await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_INVALID');
      }
      assert.equal(issuer.requests.includes(keysPath), false);
    }));

  it('tolerates a slash at the end, in its name or in the setting', () =>
    onStage(async ({ issuer, verify, token }) => {
      await verify(token(), { providerUri: `${issuer.url}/` });
      issuer.answerMetadata(answerJson(issuer.metadata({ issuer: `${issuer.url}/` })));
      await verify(token({ iss: `${issuer.url}/` }), { issuers: [`${issuer.url}/`] });
    }));

  it('takes the names that are configured for an issuer with several addresses', () =>
    onStage(async ({ issuer, verify, token, refuses }) => {
      const iss = 'https://public.example';
      issuer.answerMetadata(answerJson(issuer.metadata({ issuer: iss })));
      await verify(token({ iss }), { issuers: [iss] });
      await refuses(token(), 'ID_TOKEN_ISSUER_MISMATCH', { issuers: [iss] });
      await refuses(token({ iss }), 'ISSUER_INVALID', { issuers: ['https://another.example'] });
    }));

  it('takes tokens under a configured name where the metadata states the address', () =>
    onStage(async ({ verify, token, refuses }) => {
      const iss = 'https://public.example';
      await verify(token({ iss }), { issuers: [iss, 'https://second.example'] });
      await refuses(token(), 'ID_TOKEN_ISSUER_MISMATCH', { issuers: [iss] });
    }));

  for (const jwksUri of [
    'http://169.254.169.254/jwks',
    'https://[fe80::1]/jwks',
    'http://example.com/jwks',
    'file:///etc/passwd',
    'https://user:secret@example.com/jwks',
    '/jwks',
  ]) {
    it(`does not ask for keys at ${jwksUri}`, () =>
      onStage(async ({ issuer, verifier }) => {
        issuer.answerMetadata(answerJson(issuer.metadata({ jwks_uri: jwksUri })));
        const failure = await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_NOT_ALLOWED');
        assert.match(failure.message, /jwks_uri/);
        assert.doesNotMatch(failure.message, /secret/);
      }));
  }

  for (const jwksUri of [undefined, null, 7, {}]) {
    it(`refuses ${shown(jwksUri)} as the address of its keys`, () =>
      onStage(async ({ issuer, verifier }) => {
        issuer.answerMetadata(answerJson(issuer.metadata({ jwks_uri: jwksUri })));
        await fails(verifier.check({ providerUri: issuer.url }), 'ISSUER_INVALID');
      }));
  }
});
