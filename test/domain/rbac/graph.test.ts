import assert from 'node:assert/strict';
import { AccessGraph } from '../../../src/domain/rbac/graph.ts';
import { atOnce } from '../../../src/domain/slices.ts';
import { keyOfRow } from '../../../src/domain/records/rows.ts';
import { annotate, member, permit, resource, resourceRow, role, roleRow } from './rows.ts';

describe('AccessGraph', () => {
  it('does not mind in which order rows come', () => {
    const rows = [
      member('group:g', 'user:a'),
      permit('group:g', 'read', 'variable:v'),
      resourceRow('variable:v', 'user:b'),
    ];
    const roles = [roleRow('group:g'), roleRow('user:a'), roleRow('user:b')];
    for (const order of [[...rows, ...roles], [...roles, ...rows], [...roles, ...rows].reverse()]) {
      const graph = new AccessGraph();
      for (const row of order) graph.put(row);
      assert.deepEqual(graph.accessOf(role('user:a'), resource('variable:v'), 'read'), {
        holder: role('group:g'),
        through: 'permission',
      });
    }
  });

  it('keeps a role apart from the resource of the same name', () => {
    const graph = new AccessGraph();
    graph.put(resourceRow('host:h', 'user:a'));
    assert.equal(graph.hasRole(role('host:h')), false);
    graph.put(roleRow('host:h'));
    graph.remove(keyOfRow(resourceRow('host:h', 'user:a')));
    assert.equal(graph.hasRole(role('host:h')), true);
    assert.equal(graph.hasResource(resource('host:h')), false);
  });

  it('keeps a plain membership beside an ownership of the same pair', () => {
    const graph = new AccessGraph();
    graph.put(roleRow('user:a'));
    graph.put(member('group:g', 'user:a', { ownership: true, admin: true }));
    graph.put(member('group:g', 'user:a'));
    assert.equal(graph.members(role('group:g')).length, 2);
    assert.equal(graph.membership(role('group:g'), role('user:a'), false)?.admin, false);
    assert.equal(graph.membership(role('group:g'), role('user:a'), true)?.admin, true);
    graph.remove(keyOfRow(member('group:g', 'user:a')));
    assert.equal(graph.holds(role('user:a'), role('group:g')), true);
    graph.remove(keyOfRow(member('group:g', 'user:a', { ownership: true })));
    assert.equal(graph.holds(role('user:a'), role('group:g')), false);
  });

  it('replaces what a row with the same key said, its policy included', () => {
    const graph = new AccessGraph();
    graph.put({ ...annotate('variable:v', 'note', 'one'), policy: resource('policy:p') });
    graph.put({ ...annotate('variable:v', 'note', 'two'), policy: resource('policy:q') });
    assert.deepEqual(atOnce(graph.definedBy([resource('policy:p')])), []);
    assert.deepEqual(
      graph.annotationsOf(resource('variable:v')),
      atOnce(graph.definedBy([resource('policy:q')])),
    );
    assert.equal(graph.annotation(resource('variable:v'), 'note')?.value, 'two');
  });

  it('moves a resource from one owner to another', () => {
    const graph = new AccessGraph();
    for (const id of ['v', 'w', 'x']) graph.put(resourceRow(`variable:${id}`, 'user:a'));
    graph.put(resourceRow('variable:w', 'user:b'));
    assert.deepEqual(graph.owned(role('user:a')).sort(), [resource('variable:v'), resource('variable:x')]);
    assert.deepEqual(graph.owned(role('user:b')), [resource('variable:w')]);
  });

  it('finds the right holder on a resource that very many were permitted', () => {
    const graph = new AccessGraph();
    graph.put(resourceRow('variable:v', 'user:root'));
    for (let index = 0; index < 500; index++) {
      graph.put(roleRow(`user:u${index}`));
      graph.put(permit(`user:u${index}`, index % 2 === 0 ? 'read' : 'execute', 'variable:v'));
    }
    graph.put(roleRow('user:stranger'));
    graph.put(resourceRow('variable:other', 'user:root'));
    graph.put(permit('user:stranger', 'read', 'variable:other'));
    const v = resource('variable:v');
    assert.deepEqual(graph.accessOf(role('user:u0'), v, 'read'), {
      holder: role('user:u0'),
      through: 'permission',
    });
    assert.equal(graph.accessOf(role('user:u0'), v, 'execute'), undefined);
    assert.equal(graph.accessOf(role('user:u499'), v)?.holder, role('user:u499'));
    assert.equal(graph.accessOf(role('user:stranger'), v), undefined);
    assert.equal(graph.accessOf(role('user:stranger'), v, 'read'), undefined);
    assert.equal(graph.accessOf(role('user:stranger'), v, 'never-heard-of'), undefined);
  });

  it('keeps restrictions apart from the role row, until they are lifted', () => {
    const graph = new AccessGraph();
    graph.setRestriction(role('host:h'), ['10.0.0.0/8']);
    graph.put(roleRow('host:h'));
    graph.remove(keyOfRow(roleRow('host:h')));
    assert.deepEqual(graph.restrictedTo(role('host:h')), ['10.0.0.0/8']);
    graph.setRestriction(role('host:h'), []);
    assert.deepEqual(graph.restrictedTo(role('host:h')), []);
    graph.setRestriction(role('host:h'), []);
    assert.deepEqual(graph.restrictedTo(role('host:never')), []);
  });

  it('knows of an authenticator whether it was enabled, disabled or neither', () => {
    const graph = new AccessGraph();
    const webservice = resource('webservice:conjur/authn-oidc/okta');
    assert.equal(graph.enabled(webservice), undefined);
    graph.setEnabled(webservice, true);
    assert.equal(graph.enabled(webservice), true);
    graph.setEnabled(webservice, false);
    assert.equal(graph.enabled(webservice), false);
    graph.setEnabled(webservice, undefined);
    assert.equal(graph.enabled(webservice), undefined);
  });

  it('gives the names of what went to what comes, and mixes nothing up', () => {
    const graph = new AccessGraph();
    const v = resource('variable:v');
    graph.put(resourceRow('variable:v', 'user:root'));
    for (let round = 0; round < 200; round++) {
      const rows = [roleRow(`host:h${round}`), permit(`host:h${round}`, 'read', 'variable:v')];
      for (const row of rows) graph.put(row);
      assert.equal(graph.accessOf(role(`host:h${round}`), v, 'read')?.through, 'permission');
      for (const row of rows) graph.remove(keyOfRow(row));
      assert.equal(graph.accessOf(role(`host:h${round}`), v, 'read'), undefined);
    }
    assert.deepEqual(graph.permissionsOn(v), []);
  });
});
