/** Directories that do harm: whatever they answer, it is refused soon, and costs little. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import { openLdapDirectory } from '../../../src/drivers/ldap/directory.ts';
import type { Directory } from '../../../src/ports/ldap-directory.ts';
import { createCertificateAuthority } from '../../support/certificates.ts';
import {
  element,
  entry,
  message,
  operations,
  result,
  startRogueDirectory,
  type LdapAnswer,
  type LdapRequest,
  type RogueDirectory,
} from '../../support/rogue-directory.ts';

const authority = createCertificateAuthority();
const password = 'a password that nobody may read';
const options = { totalTimeoutMs: 5_000 };

/** Grants everything and finds somebody, but for what a test answers to searches. */
function toSearches(answer: (request: LdapRequest, socket: Socket) => Buffer | undefined): LdapAnswer {
  return (request, socket) =>
    request.operation === operations.search ? answer(request, socket) : result(request);
}

const somebody: LdapAnswer = toSearches((request) =>
  Buffer.concat([entry(request, 'cn=alice'), result(request)]),
);

async function ask(rogue: RogueDirectory, changes: Partial<Directory> = {}): Promise<boolean> {
  const directories = openLdapDirectory(options);
  const directory: Directory = {
    host: '127.0.0.1',
    port: rogue.port,
    security: 'none',
    binding: { dn: 'cn=service', password },
    baseDn: 'dc=example',
    filterTemplate: '(uid=%s)',
    caCert: authority.cert,
    ...changes,
  };
  try {
    return await directories.proves(directory, 'alice', password);
  } finally {
    await directories.close();
  }
}

async function on(
  answer: LdapAnswer,
  test: (rogue: RogueDirectory) => Promise<void>,
  certificate?: ReturnType<typeof authority.issue>,
): Promise<void> {
  const rogue = await startRogueDirectory(answer, certificate);
  try {
    await test(rogue);
  } finally {
    await rogue.stop();
  }
}

async function refuses(outcome: Promise<unknown>, code: ErrorCode, words: RegExp): Promise<void> {
  await assert.rejects(outcome, (error) => {
    assert.ok(isFailure(error, code), String(error));
    assert.match(error.message, words);
    return true;
  });
}

describe('hostile directory', () => {
  it('lets in whom it says is let in, so that the tests below fail for their own reasons', () =>
    on(somebody, async (rogue) => {
      assert.equal(await ask(rogue), true);
    }));

  const dn = element(0x04, 'cn=alice');
  const answers: readonly (readonly [string, (request: LdapRequest) => Buffer])[] = [
    [
      'references that state more than there is',
      ({ id }) => element(0x30, element(0x02, Buffer.from([id])), Buffer.from([0x73, 0x7f])),
    ],
    ['thousands of tiny messages', () => Buffer.alloc(7 * 30_000, Buffer.from([0x30, 5, 2, 1, 99, 0x73, 0]))],
    ['a length beyond all bounds', () => Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x02])],
    ['a length that is negative to some', () => Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02])],
    ['an indefinite length', () => Buffer.from([0x30, 0x80, 0x02, 0x01, 0x02, 0, 0])],
    ['a length of eight bytes', () => Buffer.from([0x30, 0x88, 0, 0, 0, 0, 0, 0, 0, 1, 0])],
    ['HTTP', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['an empty message', () => Buffer.from([0x30, 0])],
    ['no message id', () => element(0x30, element(0x65))],
    ['a message id that is negative', (request) => message(-request.id & 0xff, 0x65)],
    ['a result without a code', ({ id }) => message(id, 0x65)],
    ['a result with an empty code', ({ id }) => message(id, 0x65, element(0x0a))],
    ['a result with a code that is a text', ({ id }) => message(id, 0x65, element(0x04, '0'))],
    ['an entry without a name', ({ id }) => message(id, 0x64)],
    ['an operation that is none', ({ id }) => message(id, 0x42)],
    ['the answer to another request', ({ id, operation }) => result({ id: id + 1, operation })],
    ['an answer of another kind', ({ id }) => result({ id, operation: operations.bind })],
    [
      'a notice of disconnection',
      () => message(0, 0x78, element(0x0a, Buffer.from([52])), element(0x04), element(0x04)),
    ],
  ];
  for (const [title, answer] of answers) {
    it(`is refused where it answers with ${title}`, () =>
      on(toSearches(answer), async (rogue) => {
        await refuses(ask(rogue), 'DIRECTORY_UNREACHABLE', /^The directory answered/);
      }));
  }

  it('is believed a name, and no attribute is read, whatever their lengths claim', () =>
    on(
      toSearches((request) =>
        Buffer.concat([message(request.id, 0x64, dn, Buffer.from([0x30, 0x7f])), result(request)]),
      ),
      async (rogue) => {
        assert.equal(await ask(rogue), true);
      },
    ));

  it('is not read for longer than anybody needs to say who somebody is', async () => {
    let sentBytes = 0;
    const endless = toSearches((request, socket) => {
      const chunk = Buffer.concat(
        Array.from({ length: 100 }, () => entry(request, `cn=${'a'.repeat(1_000)}`)),
      );
      const send = (): void => {
        while (!socket.destroyed) {
          sentBytes += chunk.length;
          if (!socket.write(chunk)) {
            socket.once('drain', send);
            return;
          }
        }
      };
      send();
      return undefined;
    });
    await on(endless, async (rogue) => {
      await refuses(ask(rogue), 'DIRECTORY_UNREACHABLE', /too much/);
    });
    // What fits into the buffers of the two sides goes out unread.
    assert.ok(sentBytes < 32 * 1_024 * 1_024, String(sentBytes));
  });

  it('is understood where it answers byte by byte, with references and controls', () =>
    on(
      toSearches((request, socket) => {
        const { id } = request;
        const control = element(0xa0, element(0x30, element(0x04, '1.2.3')));
        const done = element(0x65, element(0x0a, Buffer.from([0])), element(0x04), element(0x04));
        const bytes = Buffer.concat([
          message(id, 0x73, element(0x04, 'ldap://elsewhere.example/')),
          entry(request, 'cn=alice'),
          element(0x30, element(0x02, Buffer.from([id])), done, control),
        ]);
        socket.setNoDelay(true);
        for (const byte of bytes) socket.write(Buffer.from([byte]));
        return undefined;
      }),
      async (rogue) => {
        assert.equal(await ask(rogue), true);
      },
    ));

  it('finds nobody where it found more than it may tell, or somebody without a name', async () => {
    const found: readonly ((request: LdapRequest) => Buffer)[] = [
      (request) => Buffer.concat([entry(request, 'cn=alice'), result(request, 4)]),
      (request) => Buffer.concat([entry(request, ''), result(request)]),
      (request) => Buffer.concat([entry(request, 'EXTERNAL'), result(request)]),
      (request) => result(request),
    ];
    for (const answer of found)
      await on(toSearches(answer), async (rogue) => {
        assert.equal(await ask(rogue), false);
      });
  });

  it('is not taken to let somebody in by a bind that is referred elsewhere, or under way', async () => {
    for (const code of [10, 14, 49, 255]) {
      let binds = 0;
      const answer: LdapAnswer = (request, socket) => {
        if (request.operation === operations.bind && (binds += 1) === 2) return result(request, code & 0x7f);
        return somebody(request, socket);
      };
      await on(answer, async (rogue) => {
        assert.equal(await ask(rogue), false);
      });
    }
  });
});

describe('hostile directory and StartTLS', () => {
  const readsNothing = (rogue: RogueDirectory): void => {
    assert.equal(rogue.plain.length, 1, 'there is one connection');
    assert.ok(!Buffer.concat(rogue.plain).includes(password));
  };
  const onTls = (answer: LdapAnswer, test: (rogue: RogueDirectory) => Promise<void>): Promise<void> =>
    on(answer, test, authority.issue());

  it('works with a directory that means it', () =>
    onTls(somebody, async (rogue) => {
      assert.equal(await ask(rogue, { security: 'starttls' }), true);
      readsNothing(rogue);
    }));

  it('is told nothing where it refuses TLS, or grants it and does not speak it', async () => {
    for (const code of [2, 52, 53])
      await on(
        (request) => result(request, code),
        async (rogue) => {
          const outcome = ask(rogue, { security: 'starttls' });
          await refuses(outcome, 'DIRECTORY_UNREACHABLE', new RegExp(`code ${code}`));
          readsNothing(rogue);
        },
      );
    await on(somebody, async (rogue) => {
      const outcome = ask(rogue, { security: 'starttls' });
      await refuses(outcome, 'DIRECTORY_UNREACHABLE', /./);
      readsNothing(rogue);
    });
  });

  it('cannot put answers before the handshake that count after it', async () => {
    const later = { id: 2, operation: operations.bind };
    const whole = result(later);
    for (const injected of [whole, whole.subarray(0, -1), whole.subarray(0, 3)])
      await onTls(
        (request) =>
          request.operation === operations.extended ? Buffer.concat([result(request), injected]) : undefined,
        async (rogue) => {
          const outcome = ask(rogue, { security: 'starttls' });
          await refuses(outcome, 'DIRECTORY_UNREACHABLE', /what was not asked|without TLS/);
          readsNothing(rogue);
        },
      );
  });

  it('makes nobody come again without TLS by ending the connection', async () => {
    const ending: readonly ((request: LdapRequest) => boolean)[] = [
      ({ operation }) => operation === operations.extended,
      ({ operation }) => operation === operations.bind,
      ({ operation }) => operation === operations.search,
    ];
    for (const ends of ending) {
      const answer: LdapAnswer = (request, socket) => {
        const reply = somebody(request, socket);
        if (!ends(request)) return reply;
        socket.end(reply ?? Buffer.alloc(0));
        return undefined;
      };
      await onTls(answer, async (rogue) => {
        const outcome = ask(rogue, { security: 'starttls' });
        await refuses(outcome, 'DIRECTORY_UNREACHABLE', /./);
        readsNothing(rogue);
      });
    }
  });
});
