/** What an operator does on the store of a running service, as the command line does. */
import { withAccounts } from '../../src/app.ts';
import { createAccountOffline, renewOperatorOffline } from '../../src/domain/accounts/offline.ts';
import { changeCredential } from '../../src/domain/authn/credential-change.ts';
import type { RoleId } from '../../src/domain/ids.ts';
import { load, signIn, type Session } from './client.ts';
import type { TestService } from './service.ts';

/** A session of `!:user:admin`, with a new API key. */
export async function signInOperator(service: TestService): Promise<Session> {
  const apiKey = await withAccounts(service.config, renewOperatorOffline);
  return signIn({ ...service, account: '!' }, 'admin', apiKey);
}

/** Makes users of `!` that hold these privileges on `!:webservice:accounts`, and signs them in. */
export async function signInStaff<Name extends string>(
  operator: Session,
  staff: Readonly<Record<Name, string>>,
): Promise<Readonly<Record<Name, Session>>> {
  const entries = Object.entries(staff) as [Name, string][];
  const policy = entries.map(
    ([name, privileges]) =>
      `- !user ${name}\n- !permit { role: !user ${name}, privileges: [${privileges}], resource: !webservice accounts }\n`,
  );
  const { created_roles: created } = await load(operator, policy.join(''));
  const sessions = entries.map(async ([name]) => [
    name,
    await signIn(operator.service, name, created[`!:user:${name}`]?.api_key),
  ]);
  return Object.fromEntries(await Promise.all(sessions)) as Record<Name, Session>;
}

/** Makes an account on the store, with a password for its administrator. */
export async function createAccountOnStore(
  service: TestService,
  name: string,
  password: string,
): Promise<void> {
  await withAccounts(service.config, (services) => createAccountOffline(services, name, password));
}

/** Gives any role a password; over HTTP only a user can have one. */
export async function setPasswordOnStore(
  service: TestService,
  role: RoleId,
  password: string,
): Promise<void> {
  await withAccounts(service.config, async (services) => {
    const passwordHash = await services.passwords.hash(password);
    await changeCredential(services, role, 'credential', (credential) => ({
      sealedApiKey: credential?.sealedApiKey,
      restrictedTo: credential?.restrictedTo ?? [],
      passwordHash,
    }));
  });
}
