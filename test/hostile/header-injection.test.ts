/** Response splitting (CWE-113): what a client sends never makes a header of an answer. */
import assert from 'node:assert/strict';
import { openHostileStage, statusesOf, tokenText, type HostileStage } from './stage.ts';

const planted = 'X-Planted: 1';
const breaks = ['\r\n', '\n', '\r', '%0d%0a', '%0a', '%E5%98%8A%E5%98%8D', '\\r\\n', '\u560a\u560d'];

describe('a line break', () => {
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  const harmless = async (line: string, ...headers: readonly string[]): Promise<void> => {
    const head = [line, 'Host: x', 'Connection: close', ...headers].join('\r\n');
    const received = await stage.exchange(Buffer.from(`${head}\r\n\r\n`));
    const [top = ''] = received.split('\r\n\r\n');
    assert.doesNotMatch(top, /^x-planted/im);
    assert.ok(statusesOf(received).length <= 1, received);
    assert.ok(
      statusesOf(received).every((status) => status < 500),
      received,
    );
  };

  for (const text of breaks) {
    const shown = JSON.stringify(text);
    it(`written ${shown} in a path makes no header`, async () => {
      for (const path of [
        '/secrets/acct/variable/',
        '/oidc/provider/',
        '/v1/identity/oidc/provider/',
        '/sign-in/',
      ])
        await harmless(`GET ${path}a${text}${planted} HTTP/1.1`, `Authorization: ${tokenText(stage.alice)}`);
    });

    it(`written ${shown} in a query makes no header`, async () => {
      const query = `redirect_uri=https://a/${text}${planted}&client_id=a${text}${planted}&state=${text}${planted}`;
      for (const path of [
        '/ui/vault/identity/oidc/provider/default/authorize',
        '/v1/identity/oidc/provider/default/authorize',
        '/sign-in/callback',
      ])
        await harmless(`GET ${path}?${query} HTTP/1.1`);
    });

    it(`written ${shown} in the header of a token or an origin makes no header`, async () => {
      await harmless('GET /whoami HTTP/1.1', `Authorization: Token token="a${text}${planted}"`);
      await harmless('OPTIONS /v1/sys/health HTTP/1.1', `Origin: https://a${text}${planted}`);
    });
  }

  it('that folds a header is refused', async () => {
    const received = await stage.exchange('GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n');
    assert.ok(
      statusesOf(received).every((status) => status === 400 || status === 200),
      received,
    );
  });

  it('is told from a NUL in a header, which is refused', async () => {
    const received = await stage.exchange('GET / HTTP/1.1\r\nHost: x\r\nX-A: b\0c\r\n\r\n');
    assert.deepEqual(statusesOf(received), [400]);
  });
});
