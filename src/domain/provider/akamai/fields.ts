/** What the bodies of the configuration API may say. Names on the wire are Akamai's. */
import { z } from 'zod';
import { LatchkeyError } from '../../errors.ts';
import { normalScope, parseApiScope } from './api-scopes.ts';
import { redirectUriFault } from './redirect-uri.ts';

/** What people's clients may ask for; the scopes of a token policy that names none. */
export const signInScopes = ['openid', 'profile', 'email', 'address', 'phone'] as const;
const refreshScope = 'offline_access';

/** Lifetimes in seconds, as Akamai limits them. */
const accessTokenLifetimes = { min: 60, max: 3_600, usual: 3_600 } as const;
const refreshTokenLifetimes = { min: 60, max: 31_557_600, usual: 7_776_000 } as const;

const maxTextLength = 200;
const maxScopes = 50;
const maxRedirectUris = 100;
const maxSettingsLength = 64 * 1_024;

/** Members of a login policy that are not kept, wherever they are. */
const secretNames = new Set(['clientSecret', 'client_secret', 'password']);

/** Members that answers have and that come back when an answer is changed and sent again. */
const answered = { id: z.unknown().optional(), _links: z.unknown().optional() };

const text = z
  .string()
  .min(1, 'must not be empty')
  .max(maxTextLength, `must have at most ${String(maxTextLength)} characters`)
  .refine((value) => !/\p{Cc}/u.test(value), 'must not have control characters')
  .refine((value) => value.trim() === value, 'must not begin or end with a blank');

const scope = z
  .string()
  .transform(normalScope)
  .refine(
    (value) =>
      value === refreshScope ||
      signInScopes.some((each) => each === value) ||
      parseApiScope(value) !== undefined,
    'is neither a scope of OpenID Connect nor of the form behavior:resource: *, + or . and config, ' +
      'config/clients, config/loginPolicies or config/tokenPolicies, each with or without /**',
  );

/** Akamai's own samples write lifetimes as numbers and as texts. */
function lifetime({ min, max }: { readonly min: number; readonly max: number }) {
  const fault = `must be a whole number of seconds from ${String(min)} to ${String(max)}`;
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,9}$/)
          .transform(Number),
      ],
      { error: fault },
    )
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, fault);
}

const redirectUri = z.string().superRefine((value, context) => {
  const fault = redirectUriFault(value);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

const clientForm = z.strictObject({
  ...answered,
  name: text,
  type: z.enum(['confidential', 'public', 'configuration']),
  redirectURIs: z.array(redirectUri).max(maxRedirectUris).default([]),
  loginPolicy: text.nullish().transform((value) => value ?? undefined),
  tokenPolicy: text,
});

const tokenPolicyForm = z.strictObject({
  ...answered,
  title: text,
  accessTokenLifetime: lifetime(accessTokenLifetimes).default(accessTokenLifetimes.usual),
  refreshTokenLifetime: lifetime(refreshTokenLifetimes).default(refreshTokenLifetimes.usual),
  allowedScopes: z
    .array(scope)
    .max(maxScopes)
    .default([...signInScopes]),
  useAccessJWT: z.boolean().default(false),
});

const loginPolicyForm = z.looseObject({ title: text });

export type ClientFields = Omit<z.output<typeof clientForm>, keyof typeof answered>;
export type TokenPolicyFields = Omit<z.output<typeof tokenPolicyForm>, keyof typeof answered>;

export interface LoginPolicyFields {
  readonly title: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A parsed JSON body. */
export type Body = Readonly<Record<string, unknown>>;

/** @throws LatchkeyError `REGISTRY_FIELD_INVALID`: names the member and what is wrong with it */
export function readClient(body: Body): ClientFields {
  const { name, type, redirectURIs, loginPolicy, tokenPolicy } = parsed(clientForm, body);
  return { name, type, redirectURIs: [...new Set(redirectURIs)], loginPolicy, tokenPolicy };
}

/** @throws LatchkeyError `REGISTRY_FIELD_INVALID` */
export function readTokenPolicy(body: Body): TokenPolicyFields {
  const fields = parsed(tokenPolicyForm, body);
  const { title, accessTokenLifetime, refreshTokenLifetime, useAccessJWT } = fields;
  const allowedScopes = [...new Set(fields.allowedScopes)];
  return { title, accessTokenLifetime, refreshTokenLifetime, allowedScopes, useAccessJWT };
}

/**
 * Everything but the title is kept as it is given, save the secret of the identity store that
 * Akamai's own policies connect to: Latchkey is that store itself.
 * @throws LatchkeyError `REGISTRY_FIELD_INVALID`
 */
export function readLoginPolicy(body: Body): LoginPolicyFields {
  const { title, ...rest } = parsed(loginPolicyForm, body);
  const own = Object.entries(rest).filter(([name]) => !Object.hasOwn(answered, name));
  const settings = withoutSecrets(Object.fromEntries(own)) as Readonly<Record<string, unknown>>;
  if (JSON.stringify(settings).length > maxSettingsLength) {
    throw fieldInvalid('body', `must have at most ${String(maxSettingsLength)} characters`);
  }
  return { title, settings };
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !secretNames.has(name));
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutSecrets(each)]));
}

export function fieldInvalid(field: string, fault: string): LatchkeyError {
  return new LatchkeyError('REGISTRY_FIELD_INVALID', { subject: field, detail: `${field}: ${fault}` });
}

function parsed<Value>(form: z.ZodType<Value>, body: Body): Value {
  const result = form.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') throw fieldInvalid('body', 'has a member that is not known');
  const field = (issue?.path ?? []).map(String).join('.');
  const missing = issue !== undefined && issue.path.length === 1 && !(String(issue.path[0]) in body);
  throw fieldInvalid(
    field === '' ? 'body' : field,
    missing ? 'is missing' : (issue?.message ?? 'is not valid'),
  );
}
