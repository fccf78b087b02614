/** authn-jwt: enforced-claims and claim-aliases (Conjur's scenarios by their ids). */
import assert from 'node:assert/strict';
import { load } from '../../support/client.ts';
import { hostWith, openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { describeOnStores } from '../../support/on-stores.ts';

interface Case {
  readonly enforced?: string | null;
  readonly aliases?: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Why it is refused; accepted where absent. */
  readonly refused?: string;
}

const reservedList = `'["iss", "exp", "nbf", "iat", "jti", "aud"]'`;
const regex = "'(?-mix:^[a-zA-Z|$|_][a-zA-Z|$|_|\\-|0-9|.]*(\\/[a-zA-Z|$|_][a-zA-Z|$|_|\\-|0-9|.]*)*$)'";
const valid = { ref: 'valid' };

const cases: Readonly<Record<string, Case>> = {
  'one enforced claim (10471)': { enforced: 'ref', annotations: valid, claims: valid },
  'two enforced claims (10471)': {
    enforced: 'ref,sub',
    annotations: { ref: 'valid', sub: 'me' },
    claims: { ref: 'valid', sub: 'me' },
  },
  'an enforced claim without annotation (10759)': {
    enforced: 'ref',
    annotations: { sub: 'valid' },
    claims: valid,
    refused: `CONJ00057E Role does not have the required constraints: '["ref"]'`,
  },
  'an enforced claim that the token lacks (10760)': {
    enforced: 'ref',
    annotations: valid,
    claims: {},
    refused: "CONJ00084E Claim 'ref' is missing from JWT token.",
  },
  'a registered claim that is enforced (10470)': {
    enforced: 'iss',
    annotations: valid,
    claims: {},
    refused: `CONJ00105E Failed to validate claim: claim name 'iss' is in denylist ${reservedList}`,
  },
  'a registered claim that is enforced before another (10470)': {
    enforced: 'exp, iss',
    annotations: valid,
    claims: {},
    refused: "CONJ00105E Failed to validate claim: claim name 'exp'",
  },
  'a registered claim that is enforced beside a good one (10470)': {
    enforced: 'exp, branch',
    annotations: valid,
    claims: {},
    refused: "CONJ00105E Failed to validate claim: claim name 'exp'",
  },
  'a registered claim in an annotation (10857)': {
    annotations: { iat: 'valid' },
    claims: {},
    refused: "CONJ00069E Role can't have registered or aliased claim",
  },
  'enforced-claims without a value (10860)': {
    enforced: null,
    aliases: 'branch:ref',
    annotations: { sub: 'valid' },
    claims: valid,
    refused: 'CONJ00037E Missing value for resource: acct:variable:conjur/authn-jwt/',
  },
  'claim-aliases without a value (10861)': {
    enforced: 'ref',
    aliases: null,
    annotations: { sub: 'valid' },
    claims: valid,
    refused: 'CONJ00037E Missing value for resource: acct:variable:conjur/authn-jwt/',
  },
  'an alias that has nothing to do with it (10472)': {
    aliases: 'branch:ref',
    annotations: { project_id: 'p', namespace_id: 'n' },
    claims: { project_id: 'p', namespace_id: 'n' },
  },
  'an alias that an annotation uses (10473)': {
    aliases: 'branch:ref',
    annotations: { project_id: 'p', branch: 'main' },
    claims: { project_id: 'p', ref: 'main' },
  },
  'an alias of an enforced claim (10705)': {
    enforced: 'ref',
    aliases: 'branch:ref',
    annotations: { branch: 'main' },
    claims: { ref: 'main' },
  },
  'names with special characters (11117)': {
    enforced: 'claim.name, claim.ant...',
    aliases: 'claim_ant:claim.ant..., _:claim_name',
    annotations: { 'claim.name': 'a', claim_ant: 'b', _: 'c' },
    claims: { 'claim.name': 'a', 'claim.ant...': 'b', claim_name: 'c' },
  },
  'an alias of an enforced claim that the token lacks (10816)': {
    enforced: 'ref',
    aliases: 'branch:ref',
    annotations: { branch: 'valid' },
    claims: {},
    refused:
      "CONJ00084E Claim 'ref (annotation: branch)' is missing from JWT token. Verify that you configured the host with permitted restrictions.",
  },
  'an alias that hides a claim of its name (10874)': {
    aliases: 'sub:ref',
    annotations: { sub: 'mysub' },
    claims: { sub: 'mysub', ref: 'mybranch' },
    refused:
      "CONJ00049E Resource restriction 'sub' does not match with the corresponding value in the request",
  },
  'an alias given twice (10873)': {
    aliases: 'branch: ref, branch:sub',
    annotations: valid,
    claims: valid,
    refused:
      "CONJ00113E Failed to parse claim aliases: annotation name value 'branch' appears more than once",
  },
  'a claim with two aliases (10873)': {
    aliases: 'branch: sub, job: sub',
    annotations: valid,
    claims: valid,
    refused: "CONJ00113E Failed to parse claim aliases: claim name value 'sub' appears more than once",
  },
  'an alias of a registered claim (10858)': {
    aliases: 'branch: exp',
    annotations: valid,
    claims: valid,
    refused:
      "CONJ00112E Failed to parse claim aliases: one of the claims in the claim alias value 'branch: exp' is in an invalid format : #<Errors::Authentication::AuthnJwt::FailedToValidateClaimClaimNameInDenyList: CONJ00105E Failed to validate claim: claim name 'exp' is in denylist",
  },
  'a registered claim as an alias (10858)': {
    aliases: 'exp: sub',
    annotations: valid,
    claims: valid,
    refused:
      "CONJ00112E Failed to parse claim aliases: one of the claims in the claim alias value 'exp: sub' is in an invalid format : #<Errors::Authentication::AuthnJwt::FailedToValidateClaimClaimNameInDenyList: CONJ00105E Failed to validate claim: claim name 'exp' is in denylist",
  },
  'an enforced claim that is none (10862)': {
    enforced: '%@^#[{]}$~=-+_?.><&^@*@#*sdhj812ehd',
    annotations: valid,
    claims: valid,
    refused: `CONJ00104E Failed to validate claim: claim name '%@^#[{]}$~=-+_?.><&^@*@#*sdhj812ehd' does not match regular expression: ${regex}.`,
  },
  'an alias of a claim that is none (10863)': {
    aliases: 'aaa: %@^#&^[{]}$~=-+_?.><812ehd',
    annotations: valid,
    claims: valid,
    refused:
      "CONJ00112E Failed to parse claim aliases: one of the claims in the claim alias value 'aaa: %@^#&^[{]}$~=-+_?.><812ehd' is in an invalid format : #<Errors::Authentication::AuthnJwt::FailedToValidateClaimForbiddenClaimName: CONJ00104E Failed to validate claim: claim name '%@^#&^[{]}$~=-+_?.><812ehd' does not match",
  },
  'claims with a namespace in their names (29842)': {
    enforced: 'conjur.org/enforced-property',
    annotations: { 'conjur.org/enforced-property': 'valid' },
    claims: { 'conjur.org/enforced-property': 'valid' },
  },
  'an alias of a claim within another (13716)': {
    aliases: 'claim:google/claim',
    annotations: { claim: 'valid' },
    claims: { google: { claim: 'valid' } },
  },
  'an alias of a claim within another, with another value (13716)': {
    aliases: 'claim:google/claim',
    annotations: { claim: 'valid' },
    claims: { google: { claim: 'not_valid' } },
    refused: "CONJ00049E Resource restriction 'claim' does not match",
  },
  'an alias of an enforced claim within another (13717)': {
    enforced: 'google/claim',
    aliases: 'claim:google/claim',
    annotations: { claim: 'valid' },
    claims: { google: { claim: 'valid' } },
  },
  'an alias with a slash (13718)': {
    aliases: 'claim/claim:valid',
    annotations: valid,
    claims: valid,
    refused: "CONJ00114E Failed to parse claim aliases: the claim alias name 'claim/claim' contains '/'",
  },
};

describeOnStores('authn-jwt token schema', (on) => {
  let stage: JwtStage;
  before(async () => {
    stage = await openJwtStage(on);
  });
  after(() => stage.stop());

  const qualified = (
    service: string,
    annotations: Readonly<Record<string, string>>,
  ): Record<string, string> =>
    Object.fromEntries(
      Object.entries(annotations).map(([name, value]) => [`authn-jwt/${service}/${name}`, value]),
    );
  const without = { project: undefined };

  for (const [index, [title, scenario]] of Object.entries(cases).entries()) {
    it(`${scenario.refused === undefined ? 'accepts' : 'refuses'} ${title}`, async () => {
      const service = `s${index}x`;
      const { enforced, aliases, annotations, claims, refused } = scenario;
      await stage.define(service, {
        variables: {
          'jwks-uri': stage.jwksUri,
          'token-app-property': 'host',
          ...(enforced === undefined ? {} : { 'enforced-claims': enforced ?? undefined }),
          ...(aliases === undefined ? {} : { 'claim-aliases': aliases ?? undefined }),
        },
        annotations: qualified(service, annotations),
      });
      const answer = await stage.authenticate(service, { ...without, ...claims });
      if (refused === undefined) assert.equal(answer.status, 200, await stage.record(service));
      else await stage.refused(answer, service, refused);
    });
  }

  const declare = (service: string, name: string): Promise<unknown> =>
    load(stage.admin, `- !variable conjur/authn-jwt/${service}/${name}`);
  const annotate = (service: string, annotations: Readonly<Record<string, string>>): Promise<unknown> =>
    load(stage.admin, hostWith(service, 'authn-jwt', qualified(service, annotations)), 'root', 'PATCH');

  it('judges by a claim that is enforced later, and says what an inner failure was (10891)', async () => {
    const service = 'later';
    await stage.define(service, { annotations: qualified(service, { sub: 'me' }) });
    const claims = { sub: 'me', ref: 'main' };
    assert.equal((await stage.authenticate(service, claims)).status, 200);
    await declare(service, 'enforced-claims');
    await stage.set(service, { 'enforced-claims': 'ref' });
    const reason = `CONJ00057E Role does not have the required constraints: '["ref"]'`;
    await stage.refused(await stage.authenticate(service, claims), service, reason);
    await annotate(service, { ref: 'main' });
    assert.equal((await stage.authenticate(service, claims)).status, 200);
  });

  it('refuses an annotation by a claim that gets an alias later (10889)', async () => {
    const service = 'aliased';
    await stage.define(service, { annotations: qualified(service, { ref: 'main' }) });
    assert.equal((await stage.authenticate(service, { ref: 'main' })).status, 200);
    await declare(service, 'claim-aliases');
    await stage.set(service, { 'claim-aliases': 'branch:ref' });
    await stage.refused(
      await stage.authenticate(service, { ref: 'main' }),
      service,
      "CONJ00069E Role can't have registered or aliased claim. Error: '#<Errors::Authentication::Constraints::NonPermittedRestrictionGiven: CONJ00069E Role can't have one of these none permitted restrictions '[",
    );
  });

  it('follows a migration to aliases step by step (10941)', async () => {
    const service = 'migrated';
    const at = async (): Promise<number> => (await stage.authenticate(service, { ref: 'main' })).status;
    await stage.define(service, {
      variables: { 'jwks-uri': stage.jwksUri, 'token-app-property': 'host', 'enforced-claims': 'ref' },
      annotations: qualified(service, { ref: 'main' }),
    });
    assert.equal(await at(), 200);
    await declare(service, 'claim-aliases');
    await stage.set(service, { 'claim-aliases': 'branch:ref' });
    const required = `CONJ00057E Role does not have the required constraints: '["branch"]'`;
    await stage.refused(await stage.authenticate(service, { ref: 'main' }), service, required);
    await annotate(service, { branch: 'main' });
    await stage.refused(await stage.authenticate(service, { ref: 'main' }), service, 'CONJ00069E');
    await load(stage.admin, `- !delete { record: !host app-${service} }`, 'root', 'PATCH');
    await annotate(service, { branch: 'main' });
    await load(
      stage.admin,
      `- !grant { role: !group conjur/authn-jwt/${service}/hosts, member: !host app-${service} }`,
    );
    assert.equal(await at(), 200);
  });

  it('follows an alias that changes (10896)', async () => {
    const service = 'changed';
    await stage.define(service, {
      variables: { 'jwks-uri': stage.jwksUri, 'token-app-property': 'host', 'claim-aliases': 'branch:ref' },
      annotations: qualified(service, { branch: 'main' }),
    });
    assert.equal((await stage.authenticate(service, { ref: 'main' })).status, 200);
    await stage.set(service, { 'claim-aliases': 'job:ref' });
    const reason = "CONJ00084E Claim 'branch' is missing from JWT token.";
    await stage.refused(await stage.authenticate(service, { ref: 'main' }), service, reason);
    await load(stage.admin, `- !delete { record: !host app-${service} }`, 'root', 'PATCH');
    await annotate(service, { job: 'main' });
    await load(
      stage.admin,
      `- !grant { role: !group conjur/authn-jwt/${service}/hosts, member: !host app-${service} }`,
    );
    assert.equal((await stage.authenticate(service, { ref: 'main' })).status, 200);
  });
});
