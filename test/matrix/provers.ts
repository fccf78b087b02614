/** Whose word authenticators take, on this machine: an issuer, AWS, and a directory. */
import { freePort } from '../support/free-port.ts';
import { roleSession, startFakeSts } from '../support/fake-sts.ts';
import { createSigningKey, keysPath, startRogueIssuer, type SigningKey } from '../support/rogue-issuer.ts';
import { startLdap } from '../support/slapd.ts';
import type { Texts } from './row.ts';

export const aws = {
  right: roleSession('188945769008', 'prover'),
  other: roleSession('188945769008', 'other'),
};

export const people = { prover: 'provers-password', bystander: 'bystanders-password' };

export interface Provers {
  /** What the service has to know of them, by environment names. */
  readonly settings: Texts;
  /** Its keys are those of Google and of every other issuer. */
  readonly issuer: string;
  readonly jwksUri: string;
  readonly key: SigningKey;
  stop(): Promise<void>;
}

const kinds = ['authn-azure', 'authn-iam', 'authn-k8s', 'authn-ldap'];

export async function startProvers(): Promise<Provers> {
  const key = createSigningKey('RS256', { kid: 'prover' });
  const issuer = await startRogueIssuer({ keys: [key], port: await freePort() });
  const sts = await startFakeSts(Object.values(aws));
  const directory = await startLdap(Object.entries(people).map(([uid, password]) => ({ uid, password })));
  const enabled = ['authn', 'authn-gcp', 'authn-oidc/matrix', 'authn-jwt/matrix', 'authn-jwt/matrix-as'];
  return {
    settings: {
      LATCHKEY_AUTHENTICATORS: [...enabled, ...kinds, ...kinds.map((kind) => `${kind}/matrix`)].join(','),
      LATCHKEY_GCP_ISSUER: issuer.url,
      LATCHKEY_STS_ENDPOINT: sts.url,
      LDAP_URI: directory.url,
      LDAP_BASE: directory.baseDn,
      LDAP_BINDDN: directory.bindDn,
      LDAP_BINDPW: directory.bindPassword,
    },
    issuer: issuer.url,
    jwksUri: `${issuer.url}${keysPath}`,
    key,
    stop: async () => {
      await issuer.stop();
      await sts.stop();
      await directory.stop();
    },
  };
}
