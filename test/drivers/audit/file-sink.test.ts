import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
} from 'node:fs';
import { statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isFailure } from '../../../src/domain/errors.ts';
import { openAuditSink, type AuditFile } from '../../../src/drivers/audit/file-sink.ts';
import { temporaryDirectory } from '../../support/temp.ts';
import { fetched } from '../../domain/audit/sample-events.ts';

const run = promisify(execFile);
const appender = fileURLToPath(new URL('appender.js', import.meta.url));

/** A full disk: every write fails with ENOSPC. */
const fullDisk = '/dev/full';

function unavailable(error: unknown): boolean {
  return isFailure(error, 'AUDIT_UNAVAILABLE');
}

async function recordAs(sink: AuditFile, requestId: string): Promise<void> {
  await sink.record({ ...fetched, requestId });
}

/** The request ids of the records of a text; fails unless each line is one whole record. */
function idsOf(text: string): readonly string[] {
  assert.ok(text === '' || text.endsWith('\n'));
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { request_id: string }).request_id);
}

describe('openAuditSink', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let path: string;
  let sink: AuditFile | undefined;

  beforeEach(() => {
    directory = temporaryDirectory();
    path = join(directory.path, 'audit.log');
    sink = undefined;
  });

  afterEach(async () => {
    await sink?.close();
    directory.remove();
  });

  async function open(stallTimeoutMs?: number): Promise<AuditFile> {
    sink = await openAuditSink({
      path,
      format: 'json',
      ...(stallTimeoutMs === undefined ? {} : { stallTimeoutMs }),
    });
    return sink;
  }

  it('makes the file for its owner only', async () => {
    await open();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('appends to what is there, and leaves its mode', async () => {
    writeFileSync(path, '{"request_id":"old"}\n');
    chmodSync(path, 0o640);
    await recordAs(await open(), 'new');
    assert.deepEqual(idsOf(readFileSync(path, 'utf8')), ['old', 'new']);
    assert.equal(statSync(path).mode & 0o777, 0o640);
  });

  it('writes the form that is asked for', async () => {
    sink = await openAuditSink({ path, format: 'rfc5424' });
    await recordAs(sink, 'r1');
    assert.match(readFileSync(path, 'utf8'), /^<86>1 2025-01-02T03:04:05\.067Z - conjur r1 fetch .*\n$/);
  });

  it('refuses to start where the file cannot be opened', async () => {
    path = join(directory.path, 'missing', 'audit.log');
    await assert.rejects(
      open(),
      (error) => unavailable(error) && error instanceof Error && error.message.includes(path),
    );
    path = directory.path;
    await assert.rejects(open(), unavailable);
  });

  it('has a record in the file when its promise settles, and not before the turn ends', async () => {
    const audit = await open();
    const recorded = recordAs(audit, 'r1');
    assert.equal(readFileSync(path, 'utf8'), '');
    await recorded;
    assert.deepEqual(idsOf(readFileSync(path, 'utf8')), ['r1']);
  });

  it('writes the records of one turn together, in their order', async () => {
    const audit = await open();
    const ids = Array.from({ length: 100 }, (_, index) => `r${index}`);
    const [first, ...others] = ids.map((id) => recordAs(audit, id));
    await first;
    assert.deepEqual(idsOf(readFileSync(path, 'utf8')), ids);
    await Promise.all(others);
  });

  it('writes what is pending when it closes, and takes nothing afterwards', async () => {
    const audit = await open();
    const recorded = recordAs(audit, 'r1');
    await audit.close();
    await recorded;
    await assert.rejects(recordAs(audit, 'r2'), unavailable);
    await assert.rejects(audit.reopen(), unavailable);
    assert.deepEqual(idsOf(readFileSync(path, 'utf8')), ['r1']);
  });

  it('refuses an event that cannot be written as a record, and only that one', async () => {
    const audit = await open();
    const [odd, good] = await Promise.allSettled([
      audit.record({ ...fetched, at: Number.NaN }),
      recordAs(audit, 'r1'),
    ]);
    assert.ok(odd.status === 'rejected' && unavailable(odd.reason));
    assert.equal(good.status, 'fulfilled');
  });

  describe('on a disk that is full', () => {
    it('fails every record of the turn, with the reason of the system', async () => {
      path = fullDisk;
      const audit = await open();
      const results = await Promise.allSettled([recordAs(audit, 'r1'), recordAs(audit, 'r2')]);
      for (const result of results) {
        assert.ok(result.status === 'rejected' && unavailable(result.reason));
        assert.match(String(result.reason), /ENOSPC/);
      }
    });

    it('recovers without a restart once there is room', async () => {
      const disk = join(directory.path, 'disk');
      symlinkSync(fullDisk, path);
      const audit = await open();
      await assert.rejects(recordAs(audit, 'r1'), unavailable);
      await assert.rejects(recordAs(audit, 'r2'), unavailable);
      unlinkSync(path);
      symlinkSync(disk, path);
      await recordAs(audit, 'r3');
      assert.deepEqual(idsOf(readFileSync(disk, 'utf8')), ['r3']);
    });
  });

  it('closes a line that was cut in half before it appends', async () => {
    writeFileSync(path, '{"request_id":"ha');
    const audit = await open();
    await recordAs(audit, 'r1');
    await recordAs(audit, 'r2');
    const text = readFileSync(path, 'utf8');
    assert.ok(text.startsWith('{"request_id":"ha\n'));
    assert.deepEqual(idsOf(text.slice(text.indexOf('\n') + 1)), ['r1', 'r2']);
  });

  describe('reopen', () => {
    it('leaves earlier records in the file that was moved away, and puts later ones into a new one', async () => {
      const audit = await open();
      const old = join(directory.path, 'audit.log.1');
      await recordAs(audit, 'r1');
      renameSync(path, old);
      const pending = recordAs(audit, 'r2');
      await audit.reopen();
      await pending;
      await recordAs(audit, 'r3');
      assert.deepEqual(idsOf(readFileSync(old, 'utf8')), ['r1', 'r2']);
      assert.deepEqual(idsOf(readFileSync(path, 'utf8')), ['r3']);
    });

    it('keeps the old file in use when the path cannot be opened', async () => {
      const audit = await open();
      const old = join(directory.path, 'audit.log.1');
      renameSync(path, old);
      mkdirSync(path);
      await assert.rejects(audit.reopen(), unavailable);
      await recordAs(audit, 'r1');
      assert.deepEqual(idsOf(readFileSync(old, 'utf8')), ['r1']);
    });
  });

  describe('beside other processes', () => {
    it('does not mix its records with theirs in one file', async () => {
      const names = ['a', 'b', 'c'];
      await Promise.all(names.map((name) => run(process.execPath, [appender, path, name, '50'])));
      const ids = idsOf(readFileSync(path, 'utf8'));
      assert.equal(ids.length, 3 * 50 * 20);
      for (const name of names) {
        const expected = Array.from(
          { length: 1_000 },
          (_, index) => `${name}-${Math.floor(index / 20)}-${index % 20}`,
        );
        assert.deepEqual(
          ids.filter((id) => id.startsWith(name)),
          expected,
        );
      }
    });

    it('writes to standard output, through a pipe', async () => {
      const { stdout } = await run(process.execPath, [appender, '-', 'a', '50']);
      assert.equal(idsOf(stdout).length, 1_000);
    });
  });

  describe('on a named pipe', () => {
    let reader: number | undefined;

    beforeEach(() => {
      execFileSync('mkfifo', [path]);
    });

    afterEach(() => {
      if (reader !== undefined) closeSync(reader);
      reader = undefined;
    });

    function openReader(): void {
      reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    }

    /** What is in the pipe now, up to the size of the buffer. */
    function readSome(buffer: Buffer): string {
      try {
        return buffer.toString('utf8', 0, readSync(reader ?? -1, buffer));
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
        return '';
      }
    }

    /** Everything that is in the pipe now. */
    function readAll(): string {
      const buffer = Buffer.alloc(1 << 20);
      let text = '';
      for (let more = readSome(buffer); more !== ''; more = readSome(buffer)) text += more;
      return text;
    }

    async function readUntil(settled: Promise<unknown>, buffer?: Buffer): Promise<string> {
      let text = '';
      const state = { settled: false };
      const watch = settled.finally(() => {
        state.settled = true;
      });
      while (!state.settled) {
        text += buffer === undefined ? readAll() : readSome(buffer);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await watch;
      return text + readAll();
    }

    it('refuses to start where nobody reads', async () => {
      await assert.rejects(open(), unavailable);
    });

    it('waits for a reader that is slower than it, and loses nothing', async () => {
      openReader();
      const audit = await open();
      const ids = Array.from({ length: 2_000 }, (_, index) => `r${index}`);
      const large = Promise.all(ids.map((id) => recordAs(audit, id)));
      await new Promise(setImmediate);
      const behind = recordAs(audit, 'behind');
      const text = await readUntil(Promise.all([large, behind]));
      assert.deepEqual(idsOf(text), [...ids, 'behind']);
    });

    it('does not mix its records with those of other processes, also when the pipe is full', async () => {
      openReader();
      const names = ['a', 'b', 'c'];
      const writing = Promise.all(names.map((name) => run(process.execPath, [appender, path, name, '50'])));
      const ids = idsOf(await readUntil(writing, Buffer.alloc(2_000)));
      assert.equal(ids.length, new Set(ids).size);
      assert.equal(ids.length, names.length * 50 * 20);
    });

    it('gives records up when the reader takes nothing, and begins a new line afterwards', async () => {
      openReader();
      const audit = await open(30);
      // Each is written as an escape sequence, which makes lines longer than a pipe takes in one piece.
      const suffix = '\u{1}'.repeat(1_500);
      const large = Array.from({ length: 100 }, (_, index) => recordAs(audit, `r${index}-${suffix}`));
      for (const result of await Promise.allSettled(large)) {
        assert.ok(result.status === 'rejected' && unavailable(result.reason));
      }
      const before = readAll();
      assert.ok(!before.endsWith('\n'));
      await recordAs(audit, 'after');
      const after = readAll();
      assert.ok(after.startsWith('\n'));
      assert.deepEqual(idsOf(after.slice(1)), ['after']);
    });

    it('writes to a new reader after the old one left', async () => {
      openReader();
      const audit = await open();
      closeSync(reader ?? -1);
      reader = undefined;
      await assert.rejects(recordAs(audit, 'r1'), unavailable);
      openReader();
      await recordAs(audit, 'r2');
      assert.deepEqual(idsOf(readAll()), ['r2']);
    });

    it('writes what waits for the reader before it closes', async () => {
      openReader();
      const audit = await open();
      const ids = Array.from({ length: 2_000 }, (_, index) => `r${index}`);
      const large = Promise.all(ids.map((id) => recordAs(audit, id)));
      const text = await readUntil(audit.close());
      await large;
      assert.deepEqual(idsOf(text), ids);
    });
  });
});
