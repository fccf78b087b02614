/** RFC 9112 sections 6.3 and 11.2: a message whose end can be read in two ways is refused, and ends the connection. */
import assert from 'node:assert/strict';
import { openHostileStage, secretOfStage, statusesOf, tokenText, type HostileStage } from './stage.ts';

describe('a smuggled request', () => {
  let stage: HostileStage;
  before(async () => {
    stage = await openHostileStage();
  });
  after(() => stage.stop());

  const hidden = (): string =>
    `GET /secrets/acct/variable/db HTTP/1.1\r\nHost: x\r\nAuthorization: ${tokenText(stage.alice)}\r\n\r\n`;
  const shapes: readonly (readonly [string, readonly string[], string])[] = [
    [
      'Content-Length and Transfer-Encoding',
      ['Content-Length: 4', 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    ],
    [
      'Transfer-Encoding and Content-Length',
      ['Transfer-Encoding: chunked', 'Content-Length: 5'],
      '0\r\n\r\n',
    ],
    ['two lengths', ['Content-Length: 0', 'Content-Length: 4'], ''],
    ['a list of lengths', ['Content-Length: 0, 4'], ''],
    ['a length with a sign', ['Content-Length: +4'], ''],
    ['a negative length', ['Content-Length: -4'], ''],
    ['a hexadecimal length', ['Content-Length: 0x4'], ''],
    ['a length that overflows', [`Content-Length: ${'9'.repeat(30)}`], ''],
    ['a length after a blank', ['Content-Length : 4'], ''],
    ['an encoding after a blank', ['Transfer-Encoding : chunked'], '0\r\n\r\n'],
    ['another encoding', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['chunked, and then another', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['two encodings in two headers', ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'], '0\r\n\r\n'],
    ['an encoding behind a control character', ['Transfer-Encoding: \x0bchunked'], '0\r\n\r\n'],
    ['a folded encoding', ['Transfer-Encoding:\r\n chunked', 'Content-Length: 5'], '0\r\n\r\n'],
    ['a chunk whose size is signed', ['Transfer-Encoding: chunked'], '+0\r\n\r\n'],
    ['a chunk whose size overflows', ['Transfer-Encoding: chunked'], `${'f'.repeat(20)}0\r\n\r\n`],
    ['a chunk whose size is no number', ['Transfer-Encoding: chunked'], 'zero\r\n\r\n'],
    ['a chunk that is longer than it says', ['Transfer-Encoding: chunked'], '1\r\nabc\r\n0\r\n\r\n'],
    ['a header ended by a bare line feed', ['X: a\nTransfer-Encoding: chunked'], ''],
    ['a header ended by a bare carriage return', ['X: a\rTransfer-Encoding: chunked'], ''],
  ];
  for (const [title, headers, body] of shapes) {
    it(`by ${title} is not answered`, async () => {
      const head = ['POST /authn/acct/alice/authenticate HTTP/1.1', 'Host: x', ...headers].join('\r\n');
      const received = await stage.exchange(`${head}\r\n\r\n${body}${hidden()}`);
      assert.ok(!received.includes(secretOfStage), received);
      assert.deepEqual(statusesOf(received), [400]);
    });
  }

  it('is told from the next request of a pipeline, which is answered', async () => {
    const received = await stage.exchange(hidden() + hidden());
    assert.deepEqual(statusesOf(received), [200, 200]);
  });
});
