/** Runs real clients of others against a service on this machine. Exit code 1 where one failed. */
import { testApache } from './apache.ts';
import { runPython, say, type Outcome } from './run.ts';
import { openStage, type Stage } from './stage.ts';

const clients: Readonly<Record<string, (stage: Stage) => Promise<Outcome>>> = {
  "hvac: logging in and Vault's identity/oidc": (stage) =>
    runPython('hvac_client.py', ['hvac'], stage.environment),
  'Authlib: the code flow with PKCE': testAuthlib,
  'Apache with mod_auth_openidc: signing in': testApache,
};

async function testAuthlib(stage: Stage): Promise<Outcome> {
  const redirectUri = 'http://127.0.0.1:9/callback';
  const confidential = await stage.register('authlib', redirectUri);
  const open = await stage.register('authlib-public', redirectUri, 'public');
  return runPython('authlib_client.py', ['authlib', 'requests'], {
    ...stage.environment,
    REDIRECT_URI: redirectUri,
    ISSUER: confidential.issuer,
    CLIENT_ID: confidential.clientId,
    CLIENT_SECRET: confidential.clientSecret,
    PUBLIC_ISSUER: open.issuer,
    PUBLIC_CLIENT_ID: open.clientId,
  });
}

const outcomes: Outcome[] = [];
const stage = await openStage();
try {
  for (const [title, run] of Object.entries(clients)) {
    say(title);
    const outcome = await run(stage);
    outcomes.push(outcome);
    say(`  ${outcome}`);
  }
} finally {
  await stage.service.stop();
}
const count = (outcome: Outcome): string => String(outcomes.filter((each) => each === outcome).length);
say(`${count('passed')} passed, ${count('failed')} failed, ${count('not run')} not run`);
process.exitCode = outcomes.includes('failed') ? 1 : 0;
