import assert from 'node:assert/strict';
import { meaning, refusal, resolved } from './meaning.ts';

describe('ordered', () => {
  it('puts an owner before what it owns, wherever it is written', () => {
    assert.deepEqual(
      meaning(
        '- !grant { role: !group g, member: !user u }\n- !group { id: g, owner: !group boss }\n- !group boss\n- !user u\n',
      ),
      [
        'group:boss of user:admin',
        'group:g of group:boss',
        'user:u of user:admin',
        'grant group:g to user:u',
      ],
    );
  });

  it('keeps the order of the text where nothing asks for another', () => {
    assert.deepEqual(meaning('- !user b\n- !user c\n- !user a\n'), [
      'user:b of user:admin',
      'user:c of user:admin',
      'user:a of user:admin',
    ]);
  });

  it('puts a policy before its body', () => {
    assert.deepEqual(
      meaning('- !group { id: z, owner: !group /p/g }\n- !policy { id: p, body: [ !group g ] }\n'),
      ['policy:p of user:admin', 'group:p/g of policy:p', 'group:z of group:p/g'],
    );
  });

  it('puts a layer before the host factory that uses it', () => {
    assert.deepEqual(meaning('- !host-factory { id: f, layers: [ !layer l ] }\n- !layer l\n'), [
      'layer:l of user:admin',
      'host_factory:f of user:admin with layer:l',
    ]);
  });

  it('bears a layer that is owned by its host factory', () => {
    const text =
      '- !layer { id: l, owner: !host-factory f }\n- !host-factory { id: f, layers: [ !layer l ] }\n';
    assert.deepEqual(meaning(text), [
      'host_factory:f of user:admin with layer:l',
      'layer:l of host_factory:f',
    ]);
  });

  it('bears a role that owns itself', () => {
    assert.deepEqual(meaning('- !group { id: s, owner: !group s }\n'), ['group:s of group:s']);
  });

  it('bears a branch that is owned by something within it', () => {
    const text = '- !group { id: ops, owner: !policy "" }\n- !user { id: u, owner: !group ops }\n';
    assert.deepEqual(meaning(text, { branch: 'shop' }), [
      'group:shop/ops of policy:shop',
      'user:u@shop of group:shop/ops',
    ]);
  });

  it('bears grants in a circle', () => {
    assert.deepEqual(
      meaning(
        '- !grant { role: !group a, members: [ !group a, !group b ] }\n- !grant { role: !group b, member: !group a }\n',
      ),
      ['grant group:a to group:a', 'grant group:a to group:b', 'grant group:b to group:a'],
    );
  });

  it('puts a long chain of owners in order, with unrelated records between', () => {
    const length = 5_000;
    const links = Array.from(
      { length },
      (_, index) => `- !group { id: g${index}, owner: !group g${index + 1} }\n- !user u${index}\n`,
    );
    const { definitions } = resolved(links.join(''));
    const place = new Map(definitions.map(({ id }, index) => [id, index]));
    for (let index = 0; index + 1 < length; index++) {
      assert.ok(
        (place.get(`acct:group:g${index}`) ?? 0) > (place.get(`acct:group:g${index + 1}`) ?? Infinity),
      );
    }
  });

  it('names a circle of owners of any length', () => {
    const length = 1_000;
    const links = Array.from(
      { length },
      (_, index) => `- !group { id: g${index}, owner: !group g${(index + 1) % length} }\n`,
    );
    assert.match(
      refusal(links.join('')).message,
      /^Dependency cycle encountered between group 'g0', group 'g1', group 'g2', group 'g3' and group 'g4'/,
    );
  });

  it('names a circle that does not begin at the first record', () => {
    const text =
      '- !group { id: a, owner: !group b }\n- !group { id: b, owner: !group c }\n- !group { id: c, owner: !group b }\n';
    const error = refusal(text);
    assert.match(error.message, /^Dependency cycle encountered between group 'b' and group 'c'/);
    assert.equal(error.at?.line, 2);
  });

  it('names a policy that is owned by its own body', () => {
    const text = '- !policy { id: p, owner: !group p/g, body: [ !group g ] }\n';
    assert.match(refusal(text).message, /^Dependency cycle encountered between policy 'p' and group 'p\/g'/);
  });
});
