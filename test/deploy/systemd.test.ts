import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../support/find-program.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { assertKnownSettings } from './settings.ts';

const path = 'deploy/systemd/latchkey.service';
const text = readFileSync(path, 'utf8');
const lines = text.split('\n');

function valuesOf(name: string): readonly string[] {
  return lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
}

describe(path, () => {
  it('has only sections, settings and comments', () => {
    const others = lines.filter(
      (line) => !/^(?:\[(?:Unit|Service|Install)\]|[A-Z][A-Za-z]+=.*|#.*|)$/.test(line),
    );
    assert.deepEqual(others, []);
  });

  it('is what systemd accepts, where it is installed', () => {
    const program = findProgram(['systemd-analyze']);
    if (program === undefined) return;
    const directory = temporaryDirectory();
    // With a program that is there on every machine: what is started is not what is verified.
    const unit = join(directory.path, 'latchkey.service');
    writeFileSync(unit, text.replaceAll(/^(Exec\w+=)\S+/gm, `$1${process.execPath}`));
    const { stderr, status } = spawnSync(program, ['verify', '--man=no', unit], { encoding: 'utf8' });
    directory.remove();
    const complaints = stderr.split('\n').filter((line) => line.includes('latchkey.service'));
    assert.deepEqual(complaints, []);
    assert.equal(status, 0, stderr);
  });

  it('runs as a user of its own, who can write to its state only', () => {
    for (const [name, value] of Object.entries({
      DynamicUser: 'yes',
      StateDirectory: 'latchkey',
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
      NoNewPrivileges: 'yes',
      CapabilityBoundingSet: '',
      LimitCORE: '0',
    })) {
      assert.deepEqual(valuesOf(name), [value], name);
    }
    assert.ok(valuesOf('Environment').includes('LATCHKEY_DATA=/var/lib/latchkey'));
    // V8 makes code at run time.
    assert.deepEqual(valuesOf('MemoryDenyWriteExecute'), []);
  });

  it('is given the data key by the system, and not in its environment', () => {
    assert.deepEqual(valuesOf('LoadCredential'), ['data.key:/etc/latchkey/data.key']);
    assert.ok(valuesOf('Environment').includes('LATCHKEY_DATA_KEY_FILE=%d/data.key'));
    assert.ok(!/LATCHKEY_DATA_KEY=/.test(text));
  });

  it('reloads by SIGHUP, and stops by a SIGTERM to the main process', () => {
    assert.deepEqual(valuesOf('ExecReload'), ['/bin/kill -HUP $MAINPID']);
    assert.deepEqual(valuesOf('KillSignal'), ['SIGTERM']);
    assert.deepEqual(valuesOf('KillMode'), ['mixed']);
  });

  it('names settings that there are', () => {
    assertKnownSettings(text);
  });
});
