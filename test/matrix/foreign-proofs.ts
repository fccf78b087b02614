/** The rows of what another service's word proves: ID tokens and JWTs, AWS, a directory. */
import { basicHeader, setSecret } from '../support/client.ts';
import { signedHeaders } from '../support/fake-sts.ts';
import { createSigningKey, mint, type SigningKey } from '../support/rogue-issuer.ts';
import { aws, people } from './provers.ts';
import type { Attempt, Row, Rows, Stage, Texts } from './row.ts';

type Claims = Readonly<Record<string, unknown>>;

const garbage = 'x'.repeat(40);
const awsHost = '188945769008/prover';

interface Service {
  readonly kind: string;
  /** By default one without. */
  readonly service?: string;
  /** What its variables are set to. */
  readonly variables?: (stage: Stage) => Texts;
  /** Who may use it, as policy and by name (`!host x`). */
  readonly role: string;
  readonly roles: string;
}

/** The policy of a service, and what its rows have in common. */
function at({ kind, service, role, roles, variables }: Service, login?: string): Row {
  const id = `conjur/${kind}${service === undefined ? '' : `/${service}`}`;
  const declared = ['provider-uri', 'jwks-uri', 'issuer', 'audience', 'id-token-user-property']
    .concat('token-app-property')
    .filter((name) => Object.hasOwn(variables?.(nowhere) ?? {}, name));
  return {
    with: {
      account: 'acct',
      ...(service === undefined ? {} : { service }),
      ...(login === undefined ? {} : { login }),
    },
    policy: [
      `- !policy { id: ${id}, body: [${['!webservice ', ...declared.map((name) => `!variable ${name}`)].join(', ')}] }`,
      roles,
      `- !permit { role: ${role}, privileges: [ read, authenticate ], resource: !webservice ${id} }`,
    ].join('\n'),
    prepare: async (stage) => {
      for (const [name, value] of Object.entries(variables?.(stage) ?? {}))
        await setSecret(stage.admin, `${id}/${name}`, value);
      return undefined;
    },
  };
}

/** For the names of variables alone. */
const nowhere = { provers: { issuer: '', jwksUri: '' } } as unknown as Stage;

let strangers: SigningKey | undefined;

/** Each a right token but for one thing, in a form; `nobody` has the claims of who may not come in. */
function tokens(
  field: string,
  claimsOf: (stage: Stage) => Claims,
  nobody?: Claims,
): NonNullable<Row['attempts']> {
  return async (stage) => {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iat: now, exp: now + 600, ...claimsOf(stage) };
    const { key } = stage.provers;
    strangers ??= createSigningKey('RS256', { kid: key.kid });
    const by = (token: string): Attempt => ({ body: new URLSearchParams({ [field]: token }) });
    const encoded = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    return {
      none: { body: '' },
      garbage: by('x.y.z'),
      expired: by(mint(key, { ...claims, iat: now - 7_200, exp: now - 3_600 })),
      foreign: by(mint(key, { ...claims, iss: 'https://elsewhere.example' })),
      signature: by(mint(strangers, claims)),
      'other-kid': by(mint(strangers, claims, { header: { kid: 'another' } })),
      'alg-none': by(`${encoded({ alg: 'none' })}.${encoded(claims)}.`),
      ...(nobody === undefined ? {} : { nobody: by(mint(key, { ...claims, ...nobody })) }),
      right: by(mint(key, claims)),
    };
  };
}

async function signedByAws(): Promise<Readonly<Record<string, Attempt>>> {
  const signed = signedHeaders(aws.right);
  const by = (headers: Texts): Attempt => ({ body: JSON.stringify(headers) });
  return {
    none: { body: '' },
    garbage: { body: garbage },
    expired: by(signedHeaders(aws.right, { at: new Date(Date.now() - 60 * 60 * 1_000) })),
    foreign: by(signedHeaders(aws.other)),
    signature: by({ ...signed, authorization: `${signed['authorization'] ?? ''}0` }),
    right: by(signed),
  };
}

const asHeader: NonNullable<Row['attempts']> = async () => ({
  none: {},
  garbage: { headers: basicHeader('prover', garbage) },
  foreign: { headers: basicHeader('prover', people.bystander) },
  nobody: { headers: basicHeader('bystander', people.bystander) },
  right: { headers: basicHeader('prover', people.prover) },
});

const asBody: NonNullable<Row['attempts']> = async () => ({
  none: { body: '' },
  garbage: { body: garbage },
  foreign: { body: people.bystander },
  right: { body: people.prover },
});

const host = (name: string, annotations: Texts = {}): Pick<Service, 'role' | 'roles'> => {
  const written = Object.entries(annotations).map(([key, value]) => `${key}: ${value}`);
  return {
    role: `!host ${name}`,
    roles: `- !host { id: ${name}, annotations: { about: proofs${written.map((each) => `, ${each}`).join('')} } }`,
  };
};

const machine = '/subscriptions/sub/resourcegroups/group/providers/Microsoft.Compute/virtualMachines/machine';
const cluster = 'https://kubernetes.default.svc';
const workload = { namespace: 'shop', serviceaccount: { name: 'web', uid: 'u' } };

const azure = {
  kind: 'authn-azure',
  variables: ({ provers }: Stage) => ({ 'provider-uri': `${provers.issuer}/` }),
  ...host('proof/azure', { 'authn-azure/subscription-id': 'sub', 'authn-azure/resource-group': 'group' }),
};
const azureTokens = tokens('jwt', ({ provers }) => ({
  iss: `${provers.issuer}/`,
  aud: 'https://management.azure.com/',
  oid: 'x',
  xms_mirid: machine,
}));
const k8s = {
  kind: 'authn-k8s',
  variables: ({ provers }: Stage) => ({ 'jwks-uri': provers.jwksUri, issuer: cluster, audience: 'latchkey' }),
  ...host('proof/k8s', { 'authn-k8s/namespace': 'shop' }),
};
const k8sTokens = tokens('jwt', () => ({
  iss: cluster,
  aud: ['latchkey'],
  sub: 'system:serviceaccount:shop:web',
  'kubernetes.io': workload,
}));
const iam = { kind: 'authn-iam', ...host(awsHost) };
const ldap = { kind: 'authn-ldap', role: '!user prover', roles: '- !user prover\n- !user bystander' };
const matrix = { service: 'matrix' };

export const foreignProofRows: Rows = {
  authenticateWithJwtAs: {
    ...at(
      {
        kind: 'authn-jwt',
        service: 'matrix-as',
        variables: ({ provers }) => ({ 'jwks-uri': provers.jwksUri, issuer: 'prover' }),
        ...host('proof/jwt', { 'authn-jwt/matrix-as/project': 'blue' }),
      },
      'host/proof/jwt',
    ),
    attempts: tokens('jwt', () => ({ iss: 'prover', project: 'blue' }), { project: 'red' }),
  },
  authenticateWithIdToken: {
    ...at({
      kind: 'authn-oidc',
      ...matrix,
      variables: ({ provers }) => ({ 'provider-uri': provers.issuer, 'id-token-user-property': 'name' }),
      ...host('proof/oidc'),
    }),
    attempts: tokens(
      'id_token',
      ({ provers }) => ({ iss: provers.issuer, aud: 'x', sub: 'x', name: 'host/proof/oidc' }),
      { name: 'host/nobody' },
    ),
  },
  authenticateWithGcp: {
    ...at({ kind: 'authn-gcp', ...host('proof/gcp', { 'authn-gcp/service-account-id': '"1234"' }) }),
    attempts: tokens('jwt', ({ provers }) => ({
      iss: provers.issuer,
      aud: 'conjur/acct/host/proof/gcp',
      azp: '1234',
      sub: '1234',
      email: 'app@project.iam.gserviceaccount.com',
      email_verified: true,
    })),
  },
  authenticateWithAzure: { ...at({ ...azure, ...matrix }, 'host/proof/azure'), attempts: azureTokens },
  authenticateWithAzureWithoutService: { ...at(azure, 'host/proof/azure'), attempts: azureTokens },
  authenticateWithK8s: { ...at({ ...k8s, ...matrix }, 'host/proof/k8s'), attempts: k8sTokens },
  authenticateWithK8sWithoutService: { ...at(k8s, 'host/proof/k8s'), attempts: k8sTokens },
  authenticateWithIam: { ...at({ ...iam, ...matrix }, `host/${awsHost}`), attempts: signedByAws },
  authenticateWithIamWithoutService: { ...at(iam, `host/${awsHost}`), attempts: signedByAws },
  loginWithLdap: { ...at({ ...ldap, ...matrix }), attempts: asHeader },
  loginWithLdapWithoutService: { ...at(ldap), attempts: asHeader },
  authenticateWithLdap: { ...at({ ...ldap, ...matrix }, 'prover'), attempts: asBody },
  authenticateWithLdapWithoutService: { ...at(ldap, 'prover'), attempts: asBody },
};
