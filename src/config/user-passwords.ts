/** Passwords of users that the environment gives, one variable each. */
import { SecretSetting } from './secret-setting.ts';

const form = /^(?:LATCHKEY|CONJUR)_PASSWORD_([A-Z0-9_]+)$/;

/** Whether a variable gives a user's password. */
export function isUserPassword(name: string): boolean {
  return form.test(name);
}

/**
 * The passwords by the part of the variable's name that stands for the user: its id in upper case,
 * with `_` for all that is no letter or digit. `LATCHKEY_PASSWORD_…` wins over `CONJUR_PASSWORD_…`.
 */
export function readUserPasswords(
  env: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, SecretSetting> {
  const passwords = new Map<string, SecretSetting>();
  for (const name of Object.keys(env).sort()) {
    const user = form.exec(name)?.[1];
    const text = env[name] ?? '';
    // Sorted, so that the variable that wins comes last.
    if (user !== undefined && text !== '') passwords.set(user, new SecretSetting(text));
  }
  return passwords;
}
