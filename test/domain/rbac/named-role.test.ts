import assert from 'node:assert/strict';
import { isFailure } from '../../../src/domain/errors.ts';
import { assumedRole, fullIdOf, roleOfFullId } from '../../../src/domain/rbac/named-role.ts';
import { roleId, World } from '../policy/plan-world.ts';

describe('assumedRole', () => {
  const world = new World();
  world.POST(
    'root',
    '- !user ann\n- !group team\n- !group other\n- !grant { role: !group team, member: !user ann }',
  );
  const ann = roleId('user:ann');

  it('is the caller where none is named, and a role that it holds', () => {
    assert.equal(assumedRole(world.graph, ann, undefined), ann);
    assert.equal(assumedRole(world.graph, ann, ''), ann);
    assert.equal(assumedRole(world.graph, ann, ann), ann);
    assert.equal(assumedRole(world.graph, ann, roleId('group:team')), roleId('group:team'));
  });

  it('is refused where it is not held, not there, or not a full id', () => {
    for (const text of [roleId('group:other'), roleId('group:none'), 'group:team', 'team', ':', 'a:b:']) {
      assert.throws(
        () => assumedRole(world.graph, ann, text),
        (error) => isFailure(error, 'ROLE_NOT_HELD'),
        text,
      );
    }
  });
});

describe('fullIdOf', () => {
  it('puts the account before kind:id, and leaves a full id alone', () => {
    assert.equal(fullIdOf('acct', 'user:ann'), 'acct:user:ann');
    assert.equal(fullIdOf('acct', 'other:user:ann'), 'other:user:ann');
    assert.equal(fullIdOf('acct', 'other:user:a:b'), 'other:user:a:b');
    assert.throws(
      () => fullIdOf('acct', 'ann'),
      (error) => isFailure(error, 'PARAMETER_INVALID'),
    );
  });
});

describe('roleOfFullId', () => {
  it('is undefined for what no role can be called', () => {
    for (const text of ['', 'a:b', 'a:b:', ':b:c', 'a:b:c\n', `a:b:${'c'.repeat(1_000)}`]) {
      assert.equal(roleOfFullId(text), undefined, text);
    }
    assert.equal(roleOfFullId('acct:user:ann'), 'acct:user:ann');
  });
});
