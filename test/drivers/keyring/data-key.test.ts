import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isFailure, type ErrorCode } from '../../../src/domain/errors.ts';
import { loadDataKeys } from '../../../src/drivers/keyring/data-key.ts';
import { temporaryDirectory } from '../../support/temp.ts';

const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 8 + 3));
const keyText = key.toString('base64');

describe('loadDataKeys', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let file: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 'data.key');
  });

  afterEach(() => {
    directory.remove();
  });

  function writeKeyFile(text: string, mode = 0o600): void {
    writeFileSync(file, text);
    chmodSync(file, mode);
  }

  async function refused(
    source: Parameters<typeof loadDataKeys>[0],
    code: ErrorCode,
    text: RegExp,
  ): Promise<void> {
    await assert.rejects(loadDataKeys(source), (error) => {
      assert.ok(isFailure(error, code), String(error));
      assert.match(error.message, text);
      assert.ok(!error.message.includes(keyText.slice(0, 20)));
      return true;
    });
  }

  const malformed: readonly (readonly [string, string])[] = [
    ['31 bytes', key.subarray(0, 31).toString('base64')],
    ['33 bytes', Buffer.concat([key, Buffer.of(1)]).toString('base64')],
    ['no padding', keyText.slice(0, -1)],
    ['the URL alphabet', Buffer.alloc(32, 0xff).toString('base64url') + '='],
    ['a blank before it', ` ${keyText}`],
    ['a blank in it', `${keyText.slice(0, 20)} ${keyText.slice(20)}`],
    ['two line ends after it', `${keyText}\n\n`],
    ['bits that no byte has', `${keyText.slice(0, -2)}${keyText.at(-2) === '9' ? '8' : '9'}=`],
    ['hexadecimal digits', key.toString('hex')],
    ['something after it', `${keyText}AAAA`],
  ];

  describe('from the environment', () => {
    it('reads 32 bytes of base64', async () => {
      assert.deepEqual(await loadDataKeys({ environmentValue: keyText, mayCreate: false }), [key]);
    });

    it('does not look at the file then', async () => {
      writeKeyFile('nonsense', 0o644);
      assert.deepEqual(await loadDataKeys({ environmentValue: keyText, file, mayCreate: true }), [key]);
    });

    it('takes an empty value for none', async () => {
      writeKeyFile(keyText);
      assert.deepEqual(await loadDataKeys({ environmentValue: '', file, mayCreate: false }), [key]);
    });

    for (const [what, text] of malformed) {
      it(`refuses ${what}`, async () => {
        await refused(
          { environmentValue: text, mayCreate: true },
          'DATA_KEY_INVALID',
          /in the environment must be 32 bytes/,
        );
      });
    }

    it('refuses a line end after it', async () => {
      await refused(
        { environmentValue: `${keyText}\n`, mayCreate: false },
        'DATA_KEY_INVALID',
        /44 characters/,
      );
    });
  });

  describe('from a file', () => {
    it('reads the key, with or without a line end', async () => {
      for (const text of [keyText, `${keyText}\n`, `${keyText}\r\n`]) {
        writeKeyFile(text);
        assert.deepEqual(await loadDataKeys({ file, mayCreate: false }), [key]);
      }
    });

    it('accepts a file that even its owner cannot write', async () => {
      writeKeyFile(keyText, 0o400);
      assert.deepEqual(await loadDataKeys({ file, mayCreate: false }), [key]);
    });

    for (const mode of [0o640, 0o604, 0o660, 0o644, 0o610, 0o601]) {
      it(`refuses mode ${mode.toString(8)} and names the remedy`, async () => {
        writeKeyFile(keyText, mode);
        await refused({ file, mayCreate: true }, 'SETTING_INVALID', new RegExp(`chmod 600 ${file}$`));
      });
    }

    it('judges the file that a link leads to', async () => {
      const target = join(directory.path, 'target');
      writeFileSync(target, keyText);
      chmodSync(target, 0o644);
      symlinkSync(target, file);
      await refused({ file, mayCreate: false }, 'SETTING_INVALID', /chmod 600/);
      chmodSync(target, 0o600);
      assert.deepEqual(await loadDataKeys({ file, mayCreate: false }), [key]);
    });

    for (const [what, text] of malformed) {
      it(`refuses ${what}, and leaves the file as it is`, async () => {
        writeKeyFile(text);
        await refused({ file, mayCreate: true }, 'DATA_KEY_INVALID', /data\.key must be 32 bytes/);
        assert.equal(readFileSync(file, 'utf8'), text);
      });
    }

    it('refuses an empty file, and one that is far too long', async () => {
      for (const text of ['', 'A'.repeat(2_000)]) {
        writeKeyFile(text);
        await refused({ file, mayCreate: true }, 'DATA_KEY_INVALID', /must be 32 bytes/);
      }
    });

    it('refuses a folder', async () => {
      mkdirSync(file, { mode: 0o700 });
      await refused({ file, mayCreate: true }, 'SETTING_INVALID', /is not a file/);
    });
  });

  describe('several keys', () => {
    const more = Buffer.alloc(32, 9);
    const moreText = more.toString('base64');

    it('are read from a file, one a line, in their order', async () => {
      for (const end of ['\n', '\r\n']) {
        writeKeyFile(`${keyText}${end}${moreText}${end}`);
        assert.deepEqual(await loadDataKeys({ file, mayCreate: false }), [key, more]);
      }
    });

    it('are read from the environment, separated by a blank or a line end', async () => {
      for (const separator of [' ', '\n']) {
        const environmentValue = `${moreText}${separator}${keyText}`;
        assert.deepEqual(await loadDataKeys({ environmentValue, mayCreate: false }), [more, key]);
      }
    });

    it('count once where one is there twice', async () => {
      writeKeyFile(`${keyText}\n${moreText}\n${keyText}\n`);
      assert.deepEqual(await loadDataKeys({ file, mayCreate: false }), [key, more]);
    });

    it('are 16 at most', async () => {
      const texts = Array.from({ length: 17 }, (_, index) => Buffer.alloc(32, index).toString('base64'));
      writeKeyFile(texts.slice(0, 16).join('\n'));
      assert.equal((await loadDataKeys({ file, mayCreate: false })).length, 16);
      writeKeyFile(texts.join('\n'));
      await refused({ file, mayCreate: false }, 'DATA_KEY_INVALID', /must be 32 bytes/);
    });

    it('are refused together where one is malformed', async () => {
      writeKeyFile(`${keyText}\n${moreText.slice(1)}\n`);
      await refused({ file, mayCreate: false }, 'DATA_KEY_INVALID', /must be 32 bytes/);
    });
  });

  describe('where there is none', () => {
    it('makes one that only its owner can read, and reads it again', async () => {
      const made = await loadDataKeys({ file, mayCreate: true });
      assert.deepEqual(
        made.map(({ length }) => length),
        [32],
      );
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.deepEqual(await loadDataKeys({ file, mayCreate: false }), made);
      assert.match(readFileSync(file, 'utf8'), /^[A-Za-z0-9+/]{43}=\n$/);
    });

    it('makes a different one each time, and leaves no draft behind', async () => {
      const first = await loadDataKeys({ file, mayCreate: true });
      const second = await loadDataKeys({ file: `${file}.2`, mayCreate: true });
      assert.notDeepEqual(first, second);
      assert.deepEqual(readdirSync(directory.path).sort(), ['data.key', 'data.key.2']);
    });

    it('agrees with others that make it at the same time', async () => {
      const keys = await Promise.all(
        Array.from({ length: 20 }, () => loadDataKeys({ file, mayCreate: true })),
      );
      assert.equal(new Set(keys.flat().map((made) => Buffer.from(made).toString('hex'))).size, 1);
      assert.deepEqual(readdirSync(directory.path), ['data.key']);
    });

    it('makes none where values may be sealed already', async () => {
      await refused({ file, mayCreate: false }, 'SETTING_INVALID', /does not exist/);
      assert.ok(!existsSync(file));
    });

    it('refuses a place where it cannot be made', async () => {
      const place = join(directory.path, 'missing', 'data.key');
      await refused(
        { file: place, mayCreate: true },
        'SETTING_INVALID',
        /missing\/data\.key.* cannot be used: ENOENT/,
      );
    });

    it('refuses to go without any', async () => {
      await refused({ mayCreate: true }, 'SETTING_INVALID', /no data key is given/);
      await refused(
        { environmentValue: undefined, file: undefined, mayCreate: true },
        'SETTING_INVALID',
        /no data key/,
      );
    });
  });
});
