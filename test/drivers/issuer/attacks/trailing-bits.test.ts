import assert from 'node:assert/strict';
import { onStage, sharedKey } from '../fixture.ts';

describe('ID token attack: trailing bits', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

  it('refuses the other texts that a lenient decoder takes for the same signature', () =>
    onStage(
      async ({ token, refuses, verify }) => {
        const good = token();
        await verify(good);
        const last = alphabet.indexOf(good.slice(-1));
        assert.equal(last % 16, 0);
        for (let bits = 1; bits < 16; bits++) {
          await refuses(`${good.slice(0, -1)}${alphabet.charAt(last + bits)}`, 'ID_TOKEN_MALFORMED');
        }
      },
      { keys: [sharedKey('ES256')] },
    ));
});
