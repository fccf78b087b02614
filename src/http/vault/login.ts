/** `auth/userpass/login`: users and hosts log in by password or API key. */
import { LatchkeyError } from '../../domain/errors.ts';
import { logIn } from '../../domain/provider/vault/login.ts';
import type { Services } from '../../domain/services.ts';
import { openRoute, type Route } from './routing.ts';
import { authJson } from './tokens.ts';

/** The password may be given in the body alone: addresses are logged. */
const maxLoginBytes = 64 * 1024;

export function loginRoutes(services: Services): readonly Route[] {
  return [
    openRoute(
      {
        // Logins of hosts have slashes: `host/app1`.
        path: 'auth/userpass/login/*login',
        access: 'public',
        fields: { password: 'string' },
        maxBodyBytes: maxLoginBytes,
      },
      {
        write: async ({ ctx, captured, values }) => {
          if ((values.password ?? '') === '') {
            throw new LatchkeyError('PARAMETER_MISSING', { detail: 'missing password' });
          }
          const presented = { login: captured['login'] ?? '', secret: Buffer.from(values.password ?? '') };
          return { auth: authJson(await logIn(services, ctx.state.request, presented)) };
        },
      },
    ),
  ];
}
