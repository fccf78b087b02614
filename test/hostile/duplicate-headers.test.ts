/** Of a header that may come once, neither a second one nor a list lets anyone in. */
import assert from 'node:assert/strict';
import { openHostileStage, secretOfStage, statusesOf, tokenText, type HostileStage } from './stage.ts';

describe('a header that comes twice', () => {
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  const fetchWith = (...headers: readonly string[]): Promise<string> => {
    const head = ['GET /secrets/acct/variable/db HTTP/1.1', 'Host: x', 'Connection: close', ...headers];
    return stage.exchange(`${head.join('\r\n')}\r\n\r\n`);
  };

  it('gives nobody the role of the second token', async () => {
    const [alice, bob] = [tokenText(stage.alice), tokenText(stage.bob)];
    const received = await fetchWith(`Authorization: ${bob}`, `Authorization: ${alice}`);
    assert.ok(!received.includes(secretOfStage));
    assert.ok(
      statusesOf(received).every((status) => [400, 401, 403, 404].includes(status)),
      received,
    );
  });

  it('gives nobody the role of a token in a list', async () => {
    const received = await fetchWith(`Authorization: ${tokenText(stage.bob)}, ${tokenText(stage.alice)}`);
    assert.ok(!received.includes(secretOfStage));
  });

  it('refuses two hosts (RFC 9112 section 3.2)', async () => {
    const received = await stage.exchange(
      `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n`,
    );
    assert.ok(!received.includes('//b'));
    assert.ok(statusesOf(received).every((status) => status < 500));
  });

  it('refuses a request of HTTP/1.1 without a host', async () => {
    assert.deepEqual(statusesOf(await stage.exchange('GET / HTTP/1.1\r\n\r\n')), [400]);
  });
});
