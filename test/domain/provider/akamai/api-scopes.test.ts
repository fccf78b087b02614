import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  commonScopes,
  configCollections,
  covers,
  normalScope,
  parseApiScope,
  permits,
  type ConfigMethod,
  type ConfigPath,
} from '../../../../src/domain/provider/akamai/api-scopes.ts';
import { assertProperty } from '../../../support/property.ts';

const methods: readonly ConfigMethod[] = ['GET', 'PUT', 'PATCH', 'POST', 'DELETE'];
const behaviours = ['*', '+', '.'] as const;
const resources = ['config', ...configCollections.map((each) => `config/${each}`)];
const suffixes = ['', '/**'] as const;
const allScopes = behaviours.flatMap((behaviour) =>
  resources.flatMap((resource) => suffixes.map((suffix) => `${behaviour}:${resource}${suffix}`)),
);

/** Every shape of path, with what is inside of what. */
const paths: readonly ConfigPath[] = [
  ['config'],
  ...configCollections.flatMap((each): ConfigPath[] => [
    ['config', each],
    ['config', each, 'some-id'],
    ['config', each, 'some-id', 'secrets'],
    ['config', each, 'some-id', 'secrets', 'another-id'],
  ]),
];

/** What a scope is said to permit, told apart from how it is decided. */
function expected(scope: string, method: ConfigMethod, path: ConfigPath): boolean {
  const verbs = { '*': methods, '+': ['POST', 'PATCH'], '.': ['GET'] }[scope.charAt(0) as '*' | '+' | '.'];
  if (!verbs.includes(method)) return false;
  const resource = scope.slice(2);
  const text = path.join('/');
  if (resource.endsWith('/**')) return `${text}/`.startsWith(resource.slice(0, -2));
  if (resource === 'config') return text === 'config';
  return text === resource || (text.startsWith(`${resource}/`) && path.length === 3);
}

describe('API scopes', () => {
  it('permit what their behaviour and resource say, for every scope, method and shape of path', () => {
    let permitted = 0;
    for (const scope of allScopes) {
      for (const method of methods) {
        for (const path of paths) {
          const wanted = expected(scope, method, path);
          assert.equal(permits([scope], method, path), wanted, `${scope} ${method} ${path.join('/')}`);
          permitted += Number(wanted);
        }
      }
    }
    assert.equal(allScopes.length, 24);
    // 8 verbs (5 + 2 + 1) times: config 1, config/** 13, each collection 2 and with /** 4.
    assert.equal(permitted, 8 * (1 + 13 + 3 * (2 + 4)));
  });

  it('are read from every combination of behaviour, resource and suffix', () => {
    for (const scope of allScopes) assert.notEqual(parseApiScope(scope), undefined, scope);
  });

  it('are not read from anything else', () => {
    const wrong = [
      '',
      ':',
      '*',
      'config/**',
      '*.:config/tokenPolicies',
      '-:config',
      '**:config',
      '* :config',
      '*:',
      '*:**',
      '*:config/',
      '*:config/*',
      '*:config/***',
      '*:config/**/',
      '*:config/other',
      '*:config/Clients',
      '*:Config',
      '*:configs',
      '*:config/clients/id',
      '*:config/clients/*/secrets',
      '*:/config',
      '*:config:clients',
      '*:config/clients ',
      ' *:config',
      '*:config\n',
      '*:config/\\*',
      '*:config\\/**',
      'openid',
    ];
    for (const text of wrong) assert.equal(parseApiScope(text), undefined, JSON.stringify(text));
  });

  it('have a second spelling of ** that means the same', () => {
    assert.equal(normalScope('*:config/\\**'), '*:config/**');
    assert.equal(normalScope('.:config/clients/\\**'), '.:config/clients/**');
    assert.deepEqual(parseApiScope('*:config/\\**'), parseApiScope('*:config/**'));
    assert.equal(normalScope('openid'), 'openid');
    assert.equal(normalScope('*:config/\\**/x'), '*:config/\\**/x');
  });

  it('permit nothing where there are none, or none that is one', () => {
    for (const path of paths) {
      assert.ok(methods.every((method) => !permits([], method, path)));
      assert.ok(methods.every((method) => !permits(['openid', '*:all'], method, path)));
    }
  });

  it('permit together what any of them permits', () => {
    const some = fc.subarray(allScopes);
    assertProperty(
      fc.property(some, fc.constantFrom(...methods), fc.constantFrom(...paths), (scopes, method, path) => {
        const any = scopes.some((scope) => permits([scope], method, path));
        assert.equal(permits(scopes, method, path), any);
      }),
    );
  });

  it('cover one another exactly where they permit at least as much', () => {
    const some = fc.subarray(allScopes, { maxLength: 4 });
    assertProperty(
      fc.property(some, some, (held, wanted) => {
        const more = paths.every((path) =>
          methods.every((method) => !permits(wanted, method, path) || permits(held, method, path)),
        );
        assert.equal(covers(held, wanted), more);
      }),
    );
  });

  it('are all covered by the owner’s, and cover themselves', () => {
    for (const scope of allScopes) {
      assert.ok(covers(['*:config/**'], [scope]));
      assert.ok(covers([scope], [scope]));
      assert.ok(covers([scope], ['openid']));
      assert.equal(covers([], [scope]), false);
    }
    assert.equal(covers(['*:config/clients'], ['*:config/clients/**']), false);
  });

  it('are read alike before and after they are normalized, and never throw', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[*+.:\\/a-zA-Z]{0,30}$/),
      fc.constantFrom(...allScopes),
    );
    assertProperty(
      fc.property(text, (scope) => {
        assert.deepEqual(parseApiScope(normalScope(scope)), parseApiScope(scope));
        assert.equal(normalScope(normalScope(scope)), normalScope(scope));
      }),
    );
  });

  it('are read only from texts that are written as one of them', () => {
    const known = new Set(allScopes);
    const text = fc
      .array(fc.constantFrom('*', '+', '.', ':', '/', '**', '\\', 'config', 'clients', 'loginPolicies'), {
        maxLength: 6,
      })
      .map((parts) => parts.join(''));
    assertProperty(
      fc.property(text, (scope) => {
        assert.equal(parseApiScope(scope) !== undefined, known.has(normalScope(scope)));
      }),
    );
  });

  it('are common to two lists only word by word', () => {
    assert.deepEqual(commonScopes(['*:config/clients', '.:config'], ['*:config/**', '.:config']), [
      '.:config',
    ]);
    assertProperty(
      fc.property(fc.subarray(allScopes), fc.subarray(allScopes), (scopes, others) => {
        const common = commonScopes(scopes, others);
        assert.ok(common.every((scope) => scopes.includes(scope) && others.includes(scope)));
        assert.ok(covers(scopes, common) && covers(others, common));
      }),
    );
  });
});
