/** Apache with mod_auth_openidc, in a folder of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { runPython, say, type Outcome } from './run.ts';
import type { RelyingParty, Stage } from './stage.ts';

const modulesFolder = process.env['APACHE_MODULES'] ?? '/usr/lib/apache2/modules';
const program = process.env['APACHE'] ?? '/usr/sbin/apache2';
const modules = [
  'mpm_event',
  'authn_core',
  'authz_core',
  'authz_user',
  'dir',
  'env',
  'headers',
  'auth_openidc',
];
const startAttempts = 50;

/** Signs alice in to a page that Apache guards, and out again. */
export async function testApache(stage: Stage): Promise<Outcome> {
  try {
    await access(program);
    await access(join(modulesFolder, 'mod_auth_openidc.so'));
  } catch {
    say(`  there is no ${program} with mod_auth_openidc`);
    return 'not run';
  }
  const folder = temporaryDirectory();
  const port = await freePort();
  const origin = `http://127.0.0.1:${String(port)}`;
  const client = await stage.register('apache', `${origin}/callback`);
  // What serves the pages has the rights of another user.
  await chmod(folder.path, 0o755);
  await mkdir(join(folder.path, 'pages'), { mode: 0o755 });
  await writeFile(join(folder.path, 'pages', 'index.html'), 'the guarded page\n');
  await writeFile(join(folder.path, 'httpd.conf'), configuration(folder.path, port, client), {
    mode: 0o600,
  });
  const server = spawn(program, ['-f', join(folder.path, 'httpd.conf'), '-DFOREGROUND'], {
    stdio: 'inherit',
  });
  const ended = once(server, 'exit');
  try {
    await answering(origin);
    const outcome = await runPython('apache_client.py', ['requests'], {
      ...stage.environment,
      APACHE: origin,
    });
    if (outcome === 'failed') say(await readFile(join(folder.path, 'error.log'), 'utf8').catch(() => ''));
    return outcome;
  } finally {
    server.kill('SIGTERM');
    await ended;
    folder.remove();
  }
}

function configuration(folder: string, port: number, client: RelyingParty): string {
  // Apache gives up the rights of root for those of nobody in particular.
  const user = process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : '';
  return `
ServerRoot "${folder}"
ServerName localhost
Listen 127.0.0.1:${String(port)}
PidFile "${folder}/httpd.pid"
ErrorLog "${folder}/error.log"
${modules.map((name) => `LoadModule ${name}_module ${modulesFolder}/mod_${name}.so`).join('\n')}
${user}
DocumentRoot "${folder}/pages"
DirectoryIndex index.html
OIDCProviderMetadataURL ${client.issuer}/.well-known/openid-configuration
OIDCClientID ${client.clientId}
OIDCClientSecret ${client.clientSecret}
OIDCRedirectURI http://127.0.0.1:${String(port)}/callback
OIDCCryptoPassphrase ${client.clientSecret}
OIDCScope "openid user"
OIDCPKCEMethod S256
OIDCRemoteUserClaim username
OIDCPassClaimsAs environment
OIDCCookieSameSite On
<Location />
  AuthType openid-connect
  Require claim groups:eng
  Header always set X-Signed-In-As "%{OIDC_CLAIM_username}e"
</Location>
`;
}

async function answering(origin: string): Promise<void> {
  for (let attempt = 0; attempt < startAttempts; attempt += 1) {
    try {
      await (await fetch(origin, { redirect: 'manual' })).arrayBuffer();
      return;
    } catch {
      await pause(100);
    }
  }
  throw new Error('Apache did not start');
}
