import assert from 'node:assert/strict';
import { AnswerReader } from '../../../scripts/benchmark/answer-reader.ts';

function answer(status: string, body: string, field = 'Content-Length'): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\n${field}: ${body.length}\r\n\r\n${body}`;
}

function read(...chunks: readonly string[]): AnswerReader {
  const reader = new AnswerReader();
  for (const chunk of chunks) reader.push(Buffer.from(chunk, 'latin1'));
  return reader;
}

describe('AnswerReader', () => {
  it('counts an answer once its body is complete', () => {
    const reader = read(answer('200 OK', 'hello').slice(0, -1));
    assert.equal(reader.answers, 0);
    reader.push(Buffer.from('o'));
    assert.equal(reader.answers, 1);
    assert.equal(reader.failures, 0);
  });

  it('counts several answers in one chunk', () => {
    assert.equal(
      read(answer('200 OK', 'one') + answer('201 Created', '') + answer('200 OK', 'x')).answers,
      3,
    );
  });

  it('counts the same wherever the bytes are cut', () => {
    const text = answer('200 OK', 'body\r\n\r\nbody') + answer('403 Forbidden', 'no');
    for (let cut = 1; cut < text.length; cut += 1) {
      const reader = read(text.slice(0, cut), text.slice(cut));
      assert.deepEqual([reader.answers, reader.failures], [2, 1], `cut at ${cut}`);
    }
    const reader = read(...Array.from(text));
    assert.deepEqual([reader.answers, reader.failures], [2, 1]);
  });

  it('keeps a partial head although the buffer that it came in is used again', () => {
    const text = answer('200 OK', 'hello');
    const buffer = Buffer.from(text.slice(0, 30));
    const reader = new AnswerReader();
    reader.push(buffer);
    buffer.fill(0);
    reader.push(Buffer.from(text.slice(30)));
    assert.equal(reader.answers, 1);
  });

  it('counts every status outside of 2xx as a failure, and 503 as a refusal', () => {
    const statuses = ['200 OK', '204 No Content', '301 Moved', '401 Unauthorized', '503 Unavailable'];
    const reader = read(...statuses.map((status) => answer(status, '')));
    assert.deepEqual([reader.answers, reader.failures, reader.refusals], [5, 3, 1]);
  });

  it('takes the length whatever the case of its name', () => {
    assert.equal(read(answer('200 OK', 'hello', 'content-length')).answers, 1);
  });

  it('does not take a length out of the body of the next answer', () => {
    const text = `HTTP/1.1 204 No Content\r\n\r\n${answer('200 OK', 'Content-Length: 99')}`;
    assert.equal(read(text).answers, 2);
  });

  it('refuses an answer that does not state its length', () => {
    assert.throws(
      () => read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
      /without a length/,
    );
  });

  it('refuses a head that does not end', () => {
    assert.throws(() => read('x'.repeat(70_000)), /does not end/);
  });
});
