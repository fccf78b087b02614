import assert from 'node:assert/strict';
import { load, secretPath, signIn, signInAs, type Answer, type Session } from '../../support/client.ts';
import { assertEmpty, assertError } from '../../support/conjur-world.ts';
import { dynamicVariable, makeIssuer, withIssuers } from '../../support/issuers.ts';
import { describeOnStores } from '../../support/on-stores.ts';

const people = `
- !user outsider
- !user loader
- !permit { role: !user loader, privileges: [create], resource: !policy root }
`;

describeOnStores(
  'a dynamic variable',
  (on) => {
    let admin: Session;
    let as: (login: string) => Promise<Session>;

    const loaded = async (text: string, session = admin): Promise<Answer> =>
      session.send('POST', '/policies/acct/policy/root', text);
    const refused = async (text: string, message: string, session = admin): Promise<void> => {
      const answer = await loaded(text, session);
      const { error } = answer.json() as {
        readonly error: { readonly code: string; readonly message: string };
      };
      assert.deepEqual([answer.status, error.code, error.message], [422, 'policy_invalid', message]);
    };
    const place = 'data/dynamic/v';

    before(async () => {
      admin = await signIn(on.service);
      as = signInAs(on.service, await load(admin, people));
      await makeIssuer(admin, 'using');
    });

    it('stands below data/dynamic, and names an issuer that the loader may use', async () => {
      await refused(`- !variable ${place}\n`, `The dynamic variable '${place}' has no issuer annotation`);
      const elsewhere = '- !variable { id: data/v, annotations: { dynamic/issuer: using } }\n';
      await refused(elsewhere, "The dynamic variable 'data/v' is not in the correct path");
      const missing = (id: string): string => `Issuer '${id}' not found in account 'acct'`;
      await refused(dynamicVariable('v', 'none'), missing('none'));
      await refused(dynamicVariable('v', 'using'), missing('using'), await as('loader'));
      await load(
        admin,
        '- !grant { role: !group consumers, member: !user /loader }\n',
        'conjur/issuers/using/delegation',
      );
      assert.equal((await loaded(dynamicVariable('v', 'using'), await as('loader'))).status, 201);
    });

    it('has a method, and a TTL that the method and the issuer allow', async () => {
      const of = (annotations: string): string =>
        `- !variable { id: ${place}, annotations: { dynamic/issuer: using${annotations} } }\n`;
      await refused(
        of(''),
        `The variable definition for dynamic secret "${place}" requires a 'method' annotation.`,
      );
      await refused(
        of(', dynamic/method: magic'),
        `The 'method' annotation in the variable definition for dynamic secret "${place}" is not valid. ` +
          'Allowed values: assume-role, federation-token',
      );
      for (const [method, shown, ttl, range] of [
        ['federation-token', 'federation token', '43201', '900-43,200'],
        ['assume-role', 'assumed role', '899', '900-129,600'],
      ] as const) {
        await refused(
          of(`, dynamic/method: ${method}, dynamic/ttl: ${ttl}`),
          `The TTL defined for dynamic secret '${place}' (method=${shown}) is out of the allowed range: ${range} seconds.`,
        );
      }
      await refused(
        of(', dynamic/method: assume-role, dynamic/ttl: 3001'),
        'The TTL of the dynamic secret must be less than or equal to the maximum TTL defined in the issuer. (Max TTL: 3000)',
      );
      const fits = of(', dynamic/method: assume-role, dynamic/ttl: 3000');
      assert.equal((await loaded(fits)).status, 201);
      const dry = await admin.send(
        'POST',
        '/policies/acct/policy/root?dryRun=true',
        `- !variable ${place}\n`,
      );
      assert.equal(dry.status, 422);
    });

    it('cannot be set: 405, once the privilege is there', async () => {
      const path = secretPath(on.service, place);
      const message = 'adding a static secret to a dynamic secret variable is not allowed';
      for (const value of ['value', '']) {
        assertError(await admin.send('POST', path, value), 405, 'method_not_allowed', message);
      }
      assert.equal((await (await as('outsider')).send('POST', path, 'value')).status, 404);
    });

    it('has no value, as there is no engine that makes one', async () => {
      const message = 'No ephemeral secret engine configured for Conjur';
      assertError(
        await admin.send('GET', secretPath(on.service, place)),
        422,
        'unprocessable_entity',
        message,
      );
      const batch = await admin.send('GET', `/secrets?variable_ids=acct:variable:${place}`);
      assertError(batch, 422, 'unprocessable_entity', message);
      const orphan = 'data/dynamic/orphan';
      await makeIssuer(admin, 'leaving');
      await load(admin, dynamicVariable('orphan', 'leaving'));
      assertEmpty(await admin.send('DELETE', '/issuers/acct/leaving?keep_secrets=true'), 204);
      const gone = `Issuer assigned to acct:variable:${orphan} was not found`;
      assertError(await admin.send('GET', secretPath(on.service, orphan)), 422, 'unprocessable_entity', gone);
    });

    it('can be asked for with nine others at most', async () => {
      const names = Array.from({ length: 11 }, (_, index) => `many-${String(index)}`);
      await load(admin, names.map((name) => dynamicVariable(name, 'using')).join(''));
      const ids = names.map((name) => `acct:variable:data/dynamic/${name}`).join(',');
      const message =
        'Number of dynamic secrets requested exceeds the maximum allowed in a single request (10)';
      const answer = await admin.send('GET', `/secrets?variable_ids=${ids}`);
      assertError(answer, 422, 'unprocessable_entity', message);
    });
  },
  withIssuers,
);
