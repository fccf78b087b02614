import assert from 'node:assert/strict';
import { loadConfig } from '../../src/config/load.ts';

function load(env: Readonly<Record<string, string>>) {
  return loadConfig({ argv: [], env, readFile: () => '' });
}

describe('passwords of users', () => {
  it('come from one variable each, by either name, ours first', () => {
    const { config, warnings } = load({
      CONJUR_PASSWORD_ALICE: 'one',
      LATCHKEY_PASSWORD_BOB_SHOP: 'two',
      CONJUR_PASSWORD_EVE: 'three',
      LATCHKEY_PASSWORD_EVE: 'four',
      CONJUR_PASSWORD_EMPTY: '',
    });
    const passwords = [...config.userPasswords].map(([user, password]) => [user, password.reveal()]);
    assert.deepEqual(passwords.sort(), [
      ['ALICE', 'one'],
      ['BOB_SHOP', 'two'],
      ['EVE', 'four'],
    ]);
    assert.deepEqual(warnings, []);
  });

  it('do not show', () => {
    const { config } = load({ CONJUR_PASSWORD_ALICE: 'hush' });
    assert.equal(String(config.userPasswords.get('ALICE')), '[secret]');
  });
});
