import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

const guards = new URL('../../src/cli/process-guards.js', import.meta.url).href;
const log = new URL('../../src/log.js', import.meta.url).href;

/** Runs a few statements in a guarded process of their own. */
function run(statements: string): { readonly status: number | null; readonly output: string } {
  const script = `
    import { guardProcess } from ${JSON.stringify(guards)};
    import { createLog } from ${JSON.stringify(log)};
    guardProcess(createLog('info'));
    ${statements}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 15_000,
  });
  return { status, output: stdout + stderr };
}

describe('a guarded process', () => {
  const secret = 'correct horse battery staple';
  const fault = `Object.assign(new TypeError('${secret}'), { password: '${secret}', code: 'E_ODD', cause: new RangeError('${secret}') })`;

  for (const [origin, statement] of [
    ['uncaughtException', `setImmediate(() => { throw ${fault}; });`],
    ['unhandledRejection', `void Promise.reject(${fault});`],
  ] as const) {
    it(`ends at an ${origin} with the place of the fault, and not its text`, () => {
      const { status, output } = run(statement);
      assert.equal(status, 70);
      const line = JSON.parse(output) as Record<string, unknown>;
      assert.deepEqual([line['level'], line['origin']], ['fatal', origin]);
      const { type, error_code: code, at, cause } = line['fault'] as Record<string, unknown>;
      assert.deepEqual([type, code], ['TypeError', 'E_ODD']);
      assert.match(String(at), /^at /);
      assert.equal((cause as Record<string, unknown>)['type'], 'RangeError');
      assert.ok(!output.includes('horse'));
    });
  }

  it('ends where what was thrown is no error', () => {
    const { status, output } = run(`void Promise.reject('${secret}');`);
    assert.equal(status, 70);
    assert.ok(!output.includes('horse'));
  });

  it('does not open the debugger at SIGUSR1', () => {
    const { status, output } = run(`
      const inspector = await import('node:inspector');
      process.once('SIGUSR1', () => setImmediate(() => {
        process.stdout.write(String(inspector.url()));
      }));
      process.kill(process.pid, 'SIGUSR1');
      await new Promise((resolve) => setTimeout(resolve, 50));`);
    assert.equal(status, 0);
    assert.match(output, /the debugger of Node.js stays closed/);
    assert.match(output, /undefined/);
    assert.doesNotMatch(output, /Debugger listening/);
  });
});
