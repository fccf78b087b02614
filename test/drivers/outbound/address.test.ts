import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { isFailure } from '../../../src/domain/errors.ts';
import { guardedLookup, readAddress, shownAddress } from '../../../src/drivers/outbound/address.ts';
import { answerJson } from '../../support/rogue-issuer.ts';
import { fails, onStage } from '../issuer/fixture.ts';

const strict = { allowInsecureIssuers: false };
const loose = { allowInsecureIssuers: true };

const neverAllowed = [
  'https://169.254.169.254/',
  'https://169.254.1.1/',
  'https://[fe80::1]/',
  'https://[febf::1]/',
  'https://[::ffff:169.254.169.254]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[64:ff9b::169.254.169.254]/',
  'https://[2002:a9fe:a9fe::1]/',
  'https://0.0.0.0/',
  'https://0.1.2.3/',
  'https://[::]/',
  'https://[::ffff:0.0.0.0]/',
  'https://[::169.254.169.254]/',
  'https://[fd00:ec2::254]/',
  'https://[fd00:ec2::23]/',
  'https://[fd20:ce::254]/',
  'https://100.100.100.200/',
  'https://168.63.129.16/',
  'https://192.0.0.192/',
  'https://224.0.0.1/',
  'https://[ff02::1]/',
  'https://255.255.255.255/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0251.0376.0251.0376/',
  'https://169.254.43518/',
  'https://user@example.com/',
  'https://user:secret@example.com/',
  'https://:secret@example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:application/json,{}',
  'example.com',
  '//example.com',
  '',
  ' https://example.com',
  'https://example.com\n',
  'https://exa\tmple.com',
  'https://例え.jp/',
  'https://',
  `https://example.com/${'a'.repeat(2_048)}`,
];

const plainHttp = [
  'http://example.com/',
  'http://10.0.0.1/',
  'http://127.0.0.1.com/',
  'http://localhost.example/',
  'http://[fd00::1]/',
  'http://128.0.0.1/',
];

const allowed = [
  'https://example.com/realms/a',
  'https://10.0.0.1/',
  'https://192.168.1.1:8443/',
  'https://[fd00::1]/',
  'https://localhost/',
  'http://localhost:8080/',
  'http://127.0.0.1/',
  'http://127.8.9.10:81/',
  'http://127.1/',
  'http://[::1]:8080/',
  'http://[::ffff:127.0.0.1]/',
];

describe('issuer address', () => {
  for (const address of neverAllowed) {
    it(`is never ${JSON.stringify(address).slice(0, 60)}`, () => {
      for (const rules of [strict, loose]) {
        assert.throws(
          () => readAddress(address, 'The address', rules),
          (error) => isFailure(error, 'ISSUER_NOT_ALLOWED') && !error.message.includes('secret'),
        );
      }
    });
  }

  for (const address of plainHttp) {
    it(`is ${address} only where insecure issuers are allowed`, () => {
      assert.throws(
        () => readAddress(address, 'The address', strict),
        (error) => isFailure(error, 'ISSUER_NOT_ALLOWED'),
      );
      readAddress(address, 'The address', loose);
    });
  }

  for (const address of allowed) {
    it(`may be ${address}`, () => {
      readAddress(address, 'The address', strict);
    });
  }

  it('has neither a query nor a fragment', () =>
    onStage(async ({ issuer, verifier }) => {
      for (const end of ['?tenant=a', '#a', '/?']) {
        const check = verifier.check({ providerUri: `${issuer.url}/${end}` });
        if (end === '/?') await check.catch(() => undefined);
        else await fails(check, 'ISSUER_NOT_ALLOWED');
      }
    }));

  it('may have a path', () =>
    onStage(async ({ issuer, verifier }) => {
      await fails(verifier.check({ providerUri: `${issuer.url}/realms/a/` }), 'ISSUER_UNREACHABLE');
      assert.deepEqual(issuer.requests, ['/realms/a/.well-known/openid-configuration']);
    }));
});

type Outcome = { readonly error: unknown; readonly address: unknown };

function lookUp(hostname: string, found: readonly string[], all: boolean): Promise<Outcome> {
  const resolve = (
    _name: string,
    _options: object,
    callback: (error: null, found: LookupAddress[]) => void,
  ): void => {
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return new Promise((settle) => {
    guardedLookup(resolve)(hostname, { all }, (error, address) => {
      settle({ error, address });
    });
  });
}

describe('issuer host name', () => {
  for (const refused of [
    '169.254.169.254',
    'fe80::1',
    '0.0.0.0',
    '::',
    '::ffff:169.254.169.254',
    'fd00:ec2::254',
  ]) {
    it(`may not resolve to ${refused}, alone or among others`, async () => {
      for (const all of [true, false]) {
        for (const found of [[refused], ['93.184.216.34', refused], [refused, '93.184.216.34']]) {
          const { error, address } = await lookUp('metadata.example', found, all);
          assert.ok(isFailure(error, 'ISSUER_NOT_ALLOWED'));
          assert.deepEqual(address, []);
        }
      }
    });
  }

  it('may resolve to public, private and loopback addresses', async () => {
    const found = ['93.184.216.34', '10.0.0.1', '127.0.0.1', '2606:2800:220:1::1'];
    const { error, address } = await lookUp('issuer.example', found, true);
    assert.equal(error, null);
    assert.equal((address as readonly unknown[]).length, 4);
    assert.equal((await lookUp('issuer.example', found, false)).address, '93.184.216.34');
  });

  it('stands for this machine where it is localhost', async () => {
    assert.ok(isFailure((await lookUp('localhost', ['10.0.0.1'], true)).error, 'ISSUER_NOT_ALLOWED'));
    assert.equal((await lookUp('localhost', ['127.0.0.1', '::1'], true)).error, null);
  });

  it('is looked up for each fetch', () =>
    onStage(async ({ issuer, verifier }) => {
      const providerUri = issuer.url.replace('127.0.0.1', 'localhost');
      issuer.answerMetadata(answerJson(issuer.metadata({ issuer: providerUri })));
      await verifier.check({ providerUri });
    }));

  it('may be unknown', async () => {
    const unknown = Object.assign(new Error('unknown'), { code: 'ENOTFOUND' });
    const resolve = (_name: string, _options: object, callback: (error: Error) => void): void => {
      callback(unknown);
    };
    const error = await new Promise((settle) => {
      guardedLookup(resolve as never)('issuer.example', { all: true }, settle);
    });
    assert.equal(error, unknown);
  });
});

describe('an address in a message', () => {
  const secret = 's3cret';
  for (const address of [
    `https://user:${secret}@example.com/path`,
    `https://${secret.repeat(100)}@example.com/path`,
    `https:user:${secret}@example.com/path`,
    `https:/user:${secret}@example.com/path`,
    `https:\\\\user:${secret}@example.com/path`,
    `user:${secret}@example.com/path`,
    `https://example.com/path?key=${secret}`,
    `https://example.com/path#${secret}`,
  ]) {
    it(`has no credentials, query or fragment: ${address.slice(0, 40)}`, () => {
      assert.ok(!shownAddress(address).includes(secret), shownAddress(address));
      assert.match(shownAddress(address), /example\.com\/path$/);
    });
  }

  it('keeps an at sign in its path', () => {
    assert.equal(shownAddress('https://example.com/@tenant/path'), 'https://example.com/@tenant/path');
  });

  it('is of bounded length', () => {
    assert.equal(shownAddress(`https://example.com/${'a'.repeat(5_000)}`).length, 256);
  });
});
