import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { openToOthers } from '../src/private-file.ts';

describe('files that are kept from others', () => {
  const path = '/etc/service/secret';
  const ownGroup = process.getegid?.() ?? 0;
  const owner = process.getuid?.() ?? 0;

  for (const mode of [0o600, 0o400, 0o700]) {
    it(`may have mode ${mode.toString(8)}`, () => {
      assert.equal(openToOthers({ mode: 0o100000 | mode, uid: owner, gid: ownGroup }, path), false);
    });
  }

  for (const mode of [0o640, 0o440, 0o604, 0o660, 0o644, 0o620, 0o610, 0o601, 0o666]) {
    it(`may not have mode ${mode.toString(8)} where the process owns them`, () => {
      assert.equal(openToOthers({ mode: 0o100000 | mode, uid: owner, gid: ownGroup }, path), true);
    });
  }

  describe('that the superuser hands to a service', () => {
    const { getuid, getegid, getgroups } = process;
    beforeEach(() => {
      Object.assign(process, { getuid: () => 1_000, getegid: () => 1_000, getgroups: () => [3_000] });
    });
    afterEach(() => {
      Object.assign(process, { getuid, getegid, getgroups });
    });

    it('may be read by a group of its process', () => {
      for (const mode of [0o440, 0o640])
        assert.equal(openToOthers({ mode, uid: 0, gid: 3_000 }, path), false);
    });

    it('may not be read by another group, by all, or written by the group', () => {
      assert.equal(openToOthers({ mode: 0o440, uid: 0, gid: 3_001 }, path), true);
      for (const mode of [0o444, 0o644, 0o660, 0o450]) {
        assert.equal(openToOthers({ mode, uid: 0, gid: 3_000 }, path), true, mode.toString(8));
      }
    });

    it('may not be read by the group of another owner', () => {
      assert.equal(openToOthers({ mode: 0o440, uid: 1_001, gid: 3_000 }, path), true);
    });

    describe('in the folder of credentials of systemd', () => {
      const folder = '/run/credentials/latchkey.service';
      const open = (status: { mode: number; uid: number; gid: number }, at: string, made = folder): boolean =>
        openToOthers(status, at, made);
      const handedOver = { mode: 0o100440, uid: 0, gid: 0 };

      it('may be read by whom an access list names, which shows as the group of the superuser', () => {
        assert.equal(open(handedOver, `${folder}/data.key`), false);
        assert.equal(open(handedOver, `${folder}/./data.key`, `${folder}/`), false);
      });

      it('finds the folder in the environment', () => {
        assert.equal(openToOthers(handedOver, `${folder}/data.key`), true);
        process.env['CREDENTIALS_DIRECTORY'] = folder;
        try {
          assert.equal(openToOthers(handedOver, `${folder}/data.key`), false);
        } finally {
          delete process.env['CREDENTIALS_DIRECTORY'];
        }
      });

      it('may not be read by all, written by the group, or of another owner or group', () => {
        for (const mode of [0o100444, 0o100460, 0o100450, 0o100442, 0o100441]) {
          assert.equal(open({ ...handedOver, mode }, `${folder}/data.key`), true, mode.toString(8));
        }
        assert.equal(open({ ...handedOver, uid: 1_001 }, `${folder}/data.key`), true);
        assert.equal(open({ ...handedOver, gid: 3_001 }, `${folder}/data.key`), true);
      });

      it('is that of the folder itself: none beside it, and none below', () => {
        for (const at of [
          '/etc/service/secret',
          `${folder}/below/data.key`,
          `${folder}/../other.service/data.key`,
          `${folder}.other/data.key`,
          folder,
        ]) {
          assert.equal(open(handedOver, at), true, at);
        }
      });

      it('is none where systemd made no such folder', () => {
        for (const made of ['', 'data', '.'])
          assert.equal(open(handedOver, resolve('data/data.key'), made), true);
      });

      it('is of no use to a process of the superuser', () => {
        Object.assign(process, { getuid: () => 0 });
        assert.equal(open(handedOver, `${folder}/data.key`), true);
      });
    });
  });
});
