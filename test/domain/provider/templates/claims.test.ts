import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isFailure } from '../../../../src/domain/errors.ts';
import {
  claimsOf,
  conflictingClaims,
  reservedClaims,
  tellsOfEntity,
  validateTemplate,
} from '../../../../src/domain/provider/templates/claims.ts';
import { renderClaims, type TemplateSubject } from '../../../../src/domain/provider/templates/render.ts';
import { assertProperty } from '../../../support/property.ts';

const accessor = 'auth_userpass_1a2b3c4d';
const entity = {
  id: '6a2f2cbe-52f7-4a3a-8b51-0d7f5a1f1c11',
  name: 'alice',
  metadata: { email: 'alice@example.com', 'team/name': 'core' },
  groupIds: ['id-1', 'id-2'],
  groupNames: ['dev', 'ops'],
  aliases: [
    {
      id: 'alias-id',
      mountAccessor: accessor,
      name: 'alice',
      metadata: { username: 'alice' },
      customMetadata: { note: 'n' },
    },
  ],
};
const alice: TemplateSubject = { entity, nowSeconds: 1_000 };
const nobody: TemplateSubject = { entity: undefined, nowSeconds: 1_000 };
const alias = `identity.entity.aliases.${accessor}`;

const rendered = (directive: string, subject = alice): unknown =>
  renderClaims(`{"c": {{${directive}}}}`, subject)['c'];
const invalid = (error: unknown): boolean => isFailure(error, 'CLAIMS_TEMPLATE_INVALID');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a claims template', () => {
  const cases: readonly (readonly [directive: string, forAlice: unknown, forNobody: unknown])[] = [
    ['identity.entity.id', entity.id, ''],
    ['identity.entity.name', 'alice', ''],
    ['  identity.entity.name ', 'alice', ''],
    ['identity.entity.metadata', entity.metadata, {}],
    ['identity.entity.metadata.email', 'alice@example.com', ''],
    ['identity.entity.metadata.team/name', 'core', ''],
    ['identity.entity.metadata.missing', '', ''],
    ['identity.entity.metadata.constructor', '', ''],
    ['identity.entity.groups.ids', ['id-1', 'id-2'], null],
    ['identity.entity.groups.names', ['dev', 'ops'], null],
    [`${alias}.id`, 'alias-id', ''],
    [`${alias}.name`, 'alice', ''],
    [`${alias}.metadata`, { username: 'alice' }, {}],
    [`${alias}.metadata.username`, 'alice', ''],
    [`${alias}.metadata.missing`, '', ''],
    [`${alias}.custom_metadata`, { note: 'n' }, {}],
    [`${alias}.custom_metadata.note`, 'n', ''],
    ['identity.entity.aliases.unknown.name', '', ''],
    ['identity.entity.aliases.unknown.metadata', {}, {}],
    ['identity.entity.aliases.unknown.metadata.username', '', ''],
    ['time.now', 1_000, 1_000],
    ['time.now.plus.1h', 4_600, 4_600],
    ['time.now.plus.90', 1_090, 1_090],
    ['time.now.minus.5m', 700, 700],
  ];
  for (const [directive, forAlice, forNobody] of cases) {
    it(`renders ${directive}`, () => {
      assert.deepEqual([rendered(directive), rendered(directive, nobody)], [forAlice, forNobody]);
    });
  }

  for (const directive of [
    '',
    'identity.entity',
    'identity.entity.names',
    'identity.entity.groups',
    `identity.entity.aliases.${accessor}`,
    `${alias}.mount`,
    `${alias}.name.first`,
    'identity.groups.names.dev.id',
    'identity.groups.ids.id-1.name',
    'time',
    'time.now.plus',
    'time.now.plus.',
    'time.now.times.5m',
    'time.now.plus.soon',
    'unknown',
  ]) {
    it(`refuses the directive "${directive}"`, () => {
      assert.throws(() => rendered(directive), invalid);
    });
  }

  for (const text of [
    '}}',
    '{"a": {{identity.entity.id}} }}',
    '{{a{{b}}',
    '{{identity.entity.id',
    '{{time.now}} }}',
  ]) {
    it(`refuses the unbalanced ${text}`, () => {
      assert.throws(
        () => renderClaims(text, alice),
        (error) => invalid(error) && /unbalanced/.test(String(error)),
      );
    });
  }

  it('escapes what stands in a value as JSON does', () => {
    const name = 'a "quoted"\nline\u0007\u2028';
    const subject = { entity: { ...entity, name }, nowSeconds: 0 };
    assert.equal(rendered('identity.entity.name', subject), name);
  });

  it('lets text without directives pass', () => {
    assert.deepEqual(renderClaims('{"n": 1.5, "deep": {"list": [true, null]} }', alice), {
      n: 1.5,
      deep: { list: [true, null] },
    });
  });

  it('makes nothing when it is empty', () => {
    assert.deepEqual(renderClaims('', alice), {});
  });

  for (const [fault, text] of [
    ['quotes round a directive', '{"a": "{{identity.entity.name}}"}'],
    ['a list', '[{{identity.entity.name}}]'],
    ['a directive alone', '{{identity.entity.name}}'],
    ['what is not JSON', '{a: 1}'],
    ['blanks', '  '],
    ['a member called __proto__', '{"a": {"__proto__": {"b": 1} } }'],
    ['a number beyond what is exact', '{"a": 9007199254740993}'],
    ['deep nesting', `{"a": ${'['.repeat(40)}${']'.repeat(40)}}`],
    ['too long a text', `{"a": "${'a'.repeat(70_000)}"}`],
  ] as const) {
    it(`refuses ${fault}`, () => {
      assert.throws(() => renderClaims(text, nobody), invalid);
    });
  }

  it('refuses to make more than there is room for', () => {
    const many = Array.from({ length: 1_000 }, () => '{{identity.entity.groups.names}}').join(',');
    const groupNames = Array.from({ length: 100 }, (_, index) => `group-${index}`);
    const subject = { entity: { ...entity, groupNames }, nowSeconds: 0 };
    assert.throws(() => renderClaims(`{"a": [${many}]}`, subject), invalid);
  });

  it('fails in no other way, and makes an object, whatever it and the values are', () => {
    const pieces = fc.constantFrom(
      ...cases.map(([directive]) => `{{${directive}}}`),
      ...[
        '{',
        '}',
        '"',
        '"a":',
        ',',
        '[',
        ']',
        '{{',
        '}}',
        '{"a": ',
        'time.now',
        '1e400',
        '\\u0000',
        '\ud800',
      ],
    );
    const text = fc
      .array(fc.oneof(pieces, fc.string({ unit: 'binary' })), { maxLength: 12 })
      .map((all) => all.join(''));
    const wrapped = fc.oneof(
      text,
      pieces.map((piece) => `{"a": ${piece}}`),
    );
    const value = fc.string({ unit: 'binary' });
    assertProperty(
      fc.property(
        wrapped,
        value,
        fc.dictionary(value, value),
        fc.array(value),
        (template, name, metadata, groupNames) => {
          let claims;
          try {
            claims = renderClaims(template, {
              entity: { ...entity, name, metadata, groupNames },
              nowSeconds: 5,
            });
          } catch (error) {
            if (!invalid(error)) throw error;
            return;
          }
          const text = JSON.stringify(claims);
          assert.equal(JSON.stringify(JSON.parse(text)), text);
          assert.ok(!Array.isArray(claims));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('renders any value so that it reads back as it was', () => {
    const value = fc.string({ unit: 'binary' });
    assertProperty(
      fc.property(value, fc.array(value, { minLength: 1 }), (name, groupNames) => {
        const subject = { entity: { ...entity, name, groupNames }, nowSeconds: 5 };
        assert.equal(rendered('identity.entity.name', subject), name);
        assert.deepEqual(rendered('identity.entity.groups.names', subject), groupNames);
      }),
    );
  });
});

describe('writing a template', () => {
  it('keeps the text as it is', () => {
    const text = '{ "groups": {{identity.entity.groups.names}} }';
    assert.equal(validateTemplate(text), text);
  });

  it('keeps the text that was given in base64', () => {
    const text = '{"name": {{identity.entity.name}}}';
    assert.equal(validateTemplate(base64(text)), text);
    assert.equal(validateTemplate(base64(text).replace(/.{10}/g, '$&\r\n')), text);
  });

  it('takes an empty one', () => {
    assert.equal(validateTemplate(''), '');
  });

  for (const claim of reservedClaims) {
    it(`refuses the top-level claim ${claim}`, () => {
      assert.throws(() => validateTemplate(`{"${claim}": "x"}`), invalid);
      assert.throws(() => validateTemplate(base64(`{"${claim}": "x"}`)), invalid);
    });
  }

  it('takes a reserved name below the top level, and names that are not reserved', () => {
    for (const text of ['{"a": {"sub": 1} }', '{"azp":1,"jti":2,"nbf":3,"sid":4,"acr":5,"amr":6}']) {
      assert.equal(validateTemplate(text), text);
    }
  });

  it('names the reserved claims in the refusal', () => {
    assert.throws(
      () => validateTemplate('{"iss": 1}'),
      (error) => invalid(error) && /c_hash/.test(String(error)),
    );
  });

  for (const [fault, text] of [
    ['base64 of what is not text', Buffer.from([0xff, 0xfe, 0xfd]).toString('base64')],
    ['base64 of no template', base64('hello')],
    ['quotes round a string directive', '{"a": "{{identity.entity.name}}"}'],
    ['a group of which nothing is known', '{"a": {{identity.groups.names.dev.id}}}'],
  ] as const) {
    it(`refuses ${fault}`, () => {
      assert.throws(() => validateTemplate(text), invalid);
    });
  }

  it('takes quotes round a list directive, which only fail for somebody', () => {
    const template = '{"groups": "{{identity.entity.groups.names}}"}';
    assert.equal(validateTemplate(template), template);
    assert.deepEqual(claimsOf([{ name: 's', template }], alice), {});
  });
});

describe('the claims of several scopes', () => {
  const scope = (name: string, template: string) => ({ name, template });

  it('merge at the top level', () => {
    const scopes = [scope('a', '{"x": 1, "y": {{identity.entity.name}}}'), scope('b', '{"z": {{time.now}}}')];
    assert.deepEqual(claimsOf(scopes, alice), { x: 1, y: 'alice', z: 1_000 });
  });

  it('lack those of a scope that cannot be rendered, and only those', () => {
    const scopes = [scope('a', '{"x": "{{identity.entity.groups.names}}"}'), scope('b', '{"z": 1}')];
    assert.deepEqual(claimsOf(scopes, alice), { z: 1 });
  });

  it('lack reserved ones, even of a template that was stored with them', () => {
    assert.deepEqual(claimsOf([scope('a', '{"sub": "root", "x": 1}')], alice), { x: 1 });
  });

  it('conflict where two make the same top-level claim', () => {
    const scopes = [
      scope('a', '{"username": {{identity.entity.name}}, "contact": 1}'),
      scope('b', '{"contact": {"email": 1}, "groups": {{identity.entity.groups.names}}}'),
      scope('c', '{"inner": {"username": 1}}'),
      scope('d', ''),
    ];
    assert.deepEqual(conflictingClaims(scopes), [{ claim: 'contact', scopes: ['a', 'b'] }]);
  });

  it('conflict in nothing where each makes its own', () => {
    assert.deepEqual(conflictingClaims([scope('a', '{"a": 1}'), scope('b', '{"b": 1}')]), []);
  });

  it('tell of an entity only by directives that do', () => {
    const tells = ['{"a": {{time.now}}}', '{"a": 1}', '{"a": {{identity.entity.id}}}'].map(tellsOfEntity);
    assert.deepEqual(tells, [false, false, true]);
  });
});
