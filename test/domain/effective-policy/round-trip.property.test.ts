import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isFailure } from '../../../src/domain/errors.ts';
import { World } from '../policy/plan-world.ts';
import { effectivePolicy } from './account.ts';
import { assertProperty } from '../../support/property.ts';

const quoted = (text: string): string => JSON.stringify(text);
const name = fc.constantFrom('a', 'b', 'a-b', 'c/d', '10', 'yes', 'x y', 'lee@corp', "it's", '1,000', 'é#1');
const role = fc
  .tuple(fc.constantFrom('user', 'host', 'group', 'layer'), name)
  .map(([tag, id]) => `!${tag} ${quoted(id)}`);
const value = fc.oneof(
  fc.constantFrom(
    '010',
    'no',
    '~',
    '',
    '12:30',
    '2020-01-02',
    ' padded ',
    'a: b',
    '- x',
    '#',
    'two\nlines\n',
    '"',
    "'",
  ),
  fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
);
const annotations = fc
  .dictionary(fc.constantFrom('note', 'on', '5', 'conjur/kind', 'a b'), value, { maxKeys: 3 })
  .map((pairs) => Object.entries(pairs).map(([key, text]) => `${quoted(key)}: ${quoted(text)}`));
const restricted = fc
  .subarray(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'])
  .map((list) => list.map(quoted).join(', '));

const record = fc
  .record({
    tag: fc.constantFrom('user', 'host', 'group', 'layer', 'variable', 'webservice'),
    id: name,
    annotations,
    restricted,
    owner: fc.option(fc.oneof(role, fc.constant('!user /admin')), { freq: 3 }),
  })
  .map(({ tag, id, annotations: pairs, restricted: ranges, owner }) => {
    const parts = [`id: ${quoted(id)}`];
    // The owner of a variable cannot be read from it, and what owns itself the administrator does not see.
    if (owner !== null && tag !== 'variable' && owner !== `!${tag} ${quoted(id)}`)
      parts.push(`owner: ${owner}`);
    if (pairs.length > 0) parts.push(`annotations: { ${pairs.join(', ')} }`);
    if (ranges !== '' && (tag === 'user' || tag === 'host')) parts.push(`restricted_to: [ ${ranges} ]`);
    return `!${tag} { ${parts.join(', ')} }`;
  });
const hostFactory = fc
  .tuple(name, fc.subarray(['a', 'b', 'c/d', '']))
  .map(
    ([id, layers]) =>
      `!host-factory { id: ${quoted(id)}, layers: [ ${layers.map((layer) => `!layer ${quoted(layer)}`).join(', ')} ] }`,
  );
const grant = fc
  .tuple(role, fc.array(role, { maxLength: 3 }))
  .map(([of, members]) => `!grant { role: ${of}, members: [ ${members.join(', ')} ] }`);
const permit = fc
  .tuple(
    role,
    fc.subarray(['read', 'execute', 'switch on, off', '5']),
    fc.constantFrom('variable', 'webservice', 'host', 'policy'),
    name,
  )
  .map(
    ([to, privileges, tag, id]) =>
      `!permit { role: ${to}, privileges: [ ${privileges.map(quoted).join(', ')} ], resource: !${tag} ${quoted(id)} }`,
  );
const blank = fc.constantFrom('!layer ""', '!webservice ""', '!group ""');
const statement = fc.oneof({ weight: 5, arbitrary: record }, hostFactory, grant, permit, blank);

const { policy } = fc.letrec<{ policy: string; body: string[] }>((tie) => ({
  body: fc.array(fc.oneof({ weight: 5, arbitrary: statement }, tie('policy')), { maxLength: 6 }),
  policy: fc
    .tuple(name, tie('body'))
    .map(([id, body]) => `!policy { id: ${quoted(id)}, body: [ ${body.join(', ')} ] }`),
}));
const texts = fc.array(fc.oneof(statement, policy, policy), { minLength: 1, maxLength: 8 });

/** Everything that the statements come to, each loaded by itself as far as it can be. */
function worldOf(statements: readonly string[]): World {
  const world = new World();
  for (const text of statements) {
    try {
      world.POST('root', `[ ${text} ]`);
    } catch (error) {
      assert.ok(isFailure(error, 'POLICY_INVALID'), String(error));
    }
  }
  return world;
}

function factsOf(world: World): unknown {
  return [
    world.lines(),
    [...world.graph.roles()].sort().map((id) => [id, [...world.graph.restrictedTo(id)].sort()]),
  ];
}

describe('an effective policy', () => {
  for (const method of ['POST', 'PATCH', 'PUT'] as const) {
    it(`makes the same account of an empty one, loaded by ${method}`, () => {
      assertProperty(
        fc.property(texts, (statements) => {
          const world = worldOf(statements);
          const copy = new World();
          copy[method]('root', effectivePolicy(world));
          assert.deepEqual(factsOf(copy), factsOf(world));
        }),
        { numRuns: 150 },
      );
    });
  }

  it('changes nothing in the account that it is the policy of', () => {
    assertProperty(
      fc.property(texts, (statements) => {
        const world = worldOf(statements);
        const before = factsOf(world);
        world.PUT('root', effectivePolicy(world));
        assert.deepEqual(factsOf(world), before);
      }),
    );
  });
});
