import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { assertKnownSettings } from './settings.ts';

const text = readFileSync('Dockerfile', 'utf8');
/** Without comments, and with continued lines joined. */
const lines = text
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '');
const lastStage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

describe('Dockerfile', () => {
  it('has no mistake that a validator finds', () => {
    const settings = {
      deprecatedMaintainer: ValidationSeverity.ERROR,
      directiveCasing: ValidationSeverity.ERROR,
      emptyContinuationLine: ValidationSeverity.ERROR,
      instructionCasing: ValidationSeverity.ERROR,
      instructionCmdMultiple: ValidationSeverity.ERROR,
      instructionEntrypointMultiple: ValidationSeverity.ERROR,
      instructionHealthcheckMultiple: ValidationSeverity.ERROR,
      instructionJSONInSingleQuotes: ValidationSeverity.ERROR,
      instructionWorkdirRelative: ValidationSeverity.ERROR,
    };
    assert.deepEqual(validate(text, settings), []);
    assert.equal(validate('FROM node\nEXPOSE x\n', settings).length, 1);
  });

  it('builds on Node 24, and leaves what only building needs behind', () => {
    assert.match(text, /^ARG NODE_IMAGE=node:24-/m);
    assert.equal(lines.filter((line) => line.startsWith('FROM ')).length, 3);
    assert.ok(text.includes('npm ci --omit=dev'));
    assert.ok(!lastStage.some((line) => /npm|COPY (?!--from).*src/.test(line)));
  });

  it('runs as a user of its own, with one volume', () => {
    const user = lastStage.findIndex((line) => line === 'USER node');
    assert.ok(user !== -1);
    assert.ok(lastStage.slice(user).every((line) => !/^(?:USER root|RUN|COPY|ADD)\b/.test(line)));
    assert.deepEqual(
      lastStage.filter((line) => line.startsWith('VOLUME')),
      ['VOLUME /data'],
    );
    assert.ok(lastStage.some((line) => line.startsWith('ENV ') && line.includes('LATCHKEY_DATA=/data')));
  });

  it('says how to see that it is well, and how to stop it', () => {
    assert.equal(lastStage.filter((line) => line.startsWith('HEALTHCHECK ')).length, 1);
    assert.ok(lastStage.includes('STOPSIGNAL SIGTERM'));
    assert.ok(lastStage.includes('ENTRYPOINT ["node", "build/src/main.js"]'));
  });

  it('checks its health with a program that runs', () => {
    const [, command = ''] = /^HEALTHCHECK .*? CMD (\[.*\])$/m.exec(lastStage.join('\n')) ?? [];
    const [program, flag, script = ''] = JSON.parse(command) as string[];
    assert.deepEqual([program, flag], ['node', '-e']);
    assert.doesNotThrow(() => new Script(script));
  });

  it('copies only what there is, and what .dockerignore lets through', () => {
    const kept = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    for (const path of copied) {
      const name = path.replace(/^\.\//, '');
      assert.ok(existsSync(name), name);
      assert.ok(kept.includes(name), name);
    }
  });

  it('names settings that there are', () => {
    assertKnownSettings(text);
  });
});
