/** authn-jwt: host annotations against claims (Conjur's scenarios by their ids). */
import assert from 'node:assert/strict';
import { openJwtStage, type JwtStage } from '../../support/jwt-stage.ts';
import { describeOnStores } from '../../support/on-stores.ts';

interface Case {
  readonly annotations: Readonly<Record<string, string>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly refused?: string;
}

/** `SVC` stands for the service of the case. */
const cases: Readonly<Record<string, Case>> = {
  'general, own and foreign annotations, where the own ones hold (9069)': {
    annotations: {
      'authn-jwt/project_id': 'wrong',
      'authn-jwt/other/ref': 'wrong',
      'authn-jwt/SVC/project_id': 'p',
      'authn-jwt/SVC/additional_data/group_name': 'g',
    },
    claims: { project_id: 'p', additional_data: { group_name: 'g', group_id: 'x' }, aud: 'myaud' },
  },
  'only general annotations (9112)': {
    annotations: { 'authn-jwt/project_id': 'p' },
    claims: { project_id: 'p' },
    refused: 'CONJ00099E Role must have at least one relevant annotation',
  },
  'no annotation (9068)': {
    annotations: { description: 'none' },
    refused: 'CONJ00099E Role must have at least one relevant annotation',
  },
  'a right general annotation beside a wrong one of the service (9070)': {
    annotations: { 'authn-jwt/ref': 'right', 'authn-jwt/SVC/project_id': 'p', 'authn-jwt/SVC/ref': 'wrong' },
    claims: { project_id: 'p', ref: 'right' },
    refused:
      "CONJ00049E Resource restriction 'ref' does not match with the corresponding value in the request",
  },
  'several wrong annotations and a right one (8737)': {
    annotations: { 'authn-jwt/SVC/sub': 'x', 'authn-jwt/SVC/project_id': 'p', 'authn-jwt/SVC/ref': 'x' },
    claims: { sub: 's', project_id: 'p', ref: 'r' },
    refused: 'CONJ00049E Resource restriction',
  },
  'several wrong annotations (8736)': {
    annotations: { 'authn-jwt/SVC/sub': 'x', 'authn-jwt/SVC/ref': 'x' },
    claims: { sub: 's', ref: 'r' },
    refused: 'CONJ00049E Resource restriction',
  },
  'an annotation for a claim that the token lacks (9113)': {
    annotations: { 'authn-jwt/SVC/non_existing_field': 'x' },
    refused: "CONJ00084E Claim 'non_existing_field' is missing from JWT token.",
  },
  'an annotation without a value (8734)': {
    annotations: { 'authn-jwt/SVC/custom_claim': '' },
    refused: "CONJ00100E Annotation, 'custom_claim', is empty",
  },
  'odd annotations, which do not count (8735)': {
    annotations: {
      'authn-jwt/SVC/sub': 's',
      'authn-jwt/SVC/namespace_id': 'n',
      'authn-jwt/': 'x',
      'authn-jwt-SVC/sub': 'x',
      'authn-iam/SVC/sub': 'x',
      'authn-jwt/SVCC/sub': 'x',
    },
    claims: { sub: 's', namespace_id: 'n' },
  },
  'an annotation that points into a list (13722)': {
    annotations: { 'authn-jwt/SVC/sub': 's', 'authn-jwt/SVC/actions[0]': 'GET' },
    claims: { sub: 's', actions: ['GET', 'POST'] },
    refused: "CONJ00119E Restriction 'actions[0]' is invalid and not representing claim path in the token",
  },
  'a number where the annotation has its digits': {
    annotations: { 'authn-jwt/SVC/project_id': '42' },
    claims: { project_id: 42 },
    refused: 'CONJ00049E',
  },
  'true where the annotation says so': {
    annotations: { 'authn-jwt/SVC/protected': 'true' },
    claims: { protected: true },
    refused: 'CONJ00049E',
  },
  'false, which is not absent': {
    annotations: { 'authn-jwt/SVC/protected': 'false' },
    claims: { protected: false },
    refused: 'CONJ00049E',
  },
  'a list that has the value': {
    annotations: { 'authn-jwt/SVC/groups': 'a' },
    claims: { groups: ['a'] },
    refused: 'CONJ00049E',
  },
  'null, which is absent': {
    annotations: { 'authn-jwt/SVC/ref': 'null' },
    claims: { ref: null },
    refused: 'CONJ00084E',
  },
  'a value in other case': {
    annotations: { 'authn-jwt/SVC/ref': 'Main' },
    claims: { ref: 'main' },
    refused: 'CONJ00049E',
  },
  'what every object inherits': {
    annotations: { 'authn-jwt/SVC/constructor': 'x' },
    refused: 'CONJ00084E',
  },
  'a path through a text': {
    annotations: { 'authn-jwt/SVC/ref/length': '4' },
    claims: { ref: 'main' },
    refused: 'CONJ00084E',
  },
};

describeOnStores('authn-jwt restrictions', (on) => {
  let stage: JwtStage;
  before(async () => {
    stage = await openJwtStage(on);
  });
  after(() => stage.stop());

  for (const [index, [title, { annotations, claims, refused }]] of Object.entries(cases).entries()) {
    it(`${refused === undefined ? 'accepts' : 'refuses'} ${title}`, async () => {
      const service = `r${index}x`;
      await stage.define(service, {
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([name, value]) => [name.replace('SVC', service), value]),
        ),
      });
      const answer = await stage.authenticate(service, { project: undefined, ...claims });
      if (refused === undefined) assert.equal(answer.status, 200, await stage.record(service));
      else await stage.refused(answer, service, refused);
    });
  }

  it('compares service ids literally, not as patterns', async () => {
    await stage.define('a.c', { annotations: { 'authn-jwt/abc/project': 'blue' } });
    await stage.refused(await stage.authenticate('a.c'), 'a.c', 'CONJ00099E');
  });

  it('judges the annotations after the privilege', async () => {
    await stage.define('order', { annotations: { description: 'none' }, privileges: 'read' });
    await stage.refused(await stage.authenticate('order'), 'order', 'CONJ00006E', 403);
  });
});
