/** Authorization codes that the dialects mint and take by themselves. */
import { createHash, randomBytes } from 'node:crypto';
import type { AccountView } from '../../domain/accounts/authority.ts';
import type { Artifact } from '../../domain/provider/engine/artifacts.ts';
import { subjectKeyOf } from '../../domain/provider/identity/subject.ts';
import { authorizationOf, sessionIdOf, withCredential } from './authorization.ts';
import type { Issuer } from './exchange.ts';
import { allStands } from './find-tokens.ts';
import { defaultCodeTtlSeconds } from './times.ts';
import type { Authorization, CodeRequest, FoundCode } from './types.ts';

const codeBytes = 32;
const familyIdBytes = 16;
const maxCodeLength = 512;

export async function mintCode(issuer: Issuer, request: CodeRequest): Promise<string> {
  const { spec, artifacts, services } = issuer;
  const { redirectUri, codeChallenge, codeChallengeMethod } = request;
  const authorization = await withCredential(issuer, request.authorization);
  const value = spec.tokenValue?.('code') ?? randomBytes(codeBytes).toString('base64url');
  const ttlSeconds = spec.codeTtlSeconds ?? defaultCodeTtlSeconds;
  const iat = Math.floor(services.clock.now() / 1_000);
  const content: Artifact = {
    ...contentOf(authorization),
    iat,
    exp: iat + ttlSeconds,
    familyId: randomBytes(familyIdBytes).toString('base64url'),
    redirectUri,
    ...(codeChallenge === undefined
      ? {}
      : { codeChallenge, codeChallengeMethod: codeChallengeMethod ?? 'S256' }),
  };
  await artifacts.put([{ kind: 'AuthorizationCode', id: value, content, ttlSeconds }]);
  return value;
}

function contentOf(authorization: Authorization): Artifact {
  const { client, role, scopes, audiences, authTimeSeconds, nonce, attributes } = authorization;
  const { credentialRevision } = authorization;
  return {
    clientId: client.clientId,
    clientCreatedAt: client.createdAt,
    scope: scopes.join(' '),
    attributes,
    ...(role === undefined ? {} : { accountId: subjectKeyOf(role) }),
    ...(audiences.length === 0 ? {} : { aud: audiences }),
    ...(authTimeSeconds === undefined ? {} : { authTime: authTimeSeconds }),
    ...(credentialRevision === undefined ? {} : { credentialRevision }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

/** A code that was not redeemed yet; it stays so until tokens are issued for it, or {@link useCode}. */
export async function findCode(
  issuer: Issuer,
  view: AccountView,
  value: string,
): Promise<FoundCode | undefined> {
  if (value === '' || value.length > maxCodeLength) return undefined;
  const { artifacts } = issuer;
  const [code] = await artifacts.find(['AuthorizationCode', value]);
  if (code === undefined) return undefined;
  if (code.consumed === true) await artifacts.revoke(familyOf(code));
  if (code.consumed === true || !(await allStands(issuer, view, code))) return undefined;
  return describeCode(issuer, view, value, code);
}

/** Uses a code up without issuing anything for it. */
export async function useCode({ artifacts }: Issuer, { value }: FoundCode): Promise<void> {
  await artifacts.use('AuthorizationCode', value);
}

function familyOf({ grantId, familyId }: Artifact): string {
  return grantId ?? familyId ?? '';
}

/** A code as dialects see it. */
export function describeCode(issuer: Issuer, view: AccountView, value: string, code: Artifact): FoundCode {
  const { redirectUri, codeChallenge, codeChallengeMethod, claims } = code as CodeMembers;
  const authorization = authorizationOf(issuer, view, code);
  const unasked = issuer.spec.authTimeOnRequestOnly === true && code['sessionUid'] !== undefined;
  const silent = unasked && claims?.id_token?.['auth_time'] === undefined;
  const { grantId, familyId } = code;
  const sid = sessionIdOf(code);
  return {
    value,
    family: {
      ...(grantId === undefined ? {} : { grantId }),
      ...(familyId === undefined ? {} : { familyId }),
    },
    ...(sid === undefined ? {} : { sid }),
    clientId: code.clientId ?? '',
    subjectKey: code.accountId ?? '',
    authorization: authorization !== undefined && silent ? withoutAuthTime(authorization) : authorization,
    redirectUri: redirectUri ?? '',
    ...(codeChallenge === undefined ? {} : { codeChallenge }),
    ...(codeChallengeMethod === undefined ? {} : { codeChallengeMethod }),
  };
}

function withoutAuthTime(authorization: Authorization): Authorization {
  const { role, client, scopes, audiences, nonce, credentialRevision, attributes } = authorization;
  return {
    client,
    scopes,
    audiences,
    attributes,
    ...(role === undefined ? {} : { role }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(credentialRevision === undefined ? {} : { credentialRevision }),
  };
}

interface CodeMembers {
  readonly redirectUri?: string;
  readonly codeChallenge?: string;
  readonly codeChallengeMethod?: 'plain' | 'S256';
  readonly claims?: { readonly id_token?: Readonly<Record<string, unknown>> };
}

/** Whether a verifier is the one of a challenge (RFC 7636 section 4.6). */
export function verifierMatches(
  challenge: string,
  method: 'plain' | 'S256' | undefined,
  verifier: string,
): boolean {
  if (method === 'plain') return challenge === verifier;
  return challenge === createHash('sha256').update(verifier).digest('base64url');
}

/** The challenge of the S256 method that stands for one of the plain method: the same verifier fits, and no other. */
export function hashedChallenge(challenge: string): string {
  return createHash('sha256').update(challenge).digest('base64url');
}
