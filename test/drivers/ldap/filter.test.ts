import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AndFilter, EqualityFilter } from 'ldapts';
import { isFailure } from '../../../src/domain/errors.ts';
import { filterFor } from '../../../src/drivers/ldap/filter.ts';
import { assertProperty } from '../../support/property.ts';

describe('filterFor', () => {
  it('puts the login name where %s stands, and nowhere else', () => {
    assert.equal(
      filterFor('(&(objectClass=posixAccount)(uid=%s))', 'alice').toString(),
      '(&(objectClass=posixAccount)(uid=alice))',
    );
    assert.equal(filterFor('uid=%s', 'alice').toString(), '(uid=alice)');
    assert.equal(
      filterFor('(|(uid=%s)(mail=%s@*)(!(cn~=%s)))', 'al').toString(),
      '(|(uid=al)(mail=al@*)(!(cn~=al)))',
    );
    assert.equal(filterFor('(&(uid=%s)(cn=100%%))', 'alice').toString(), '(&(uid=alice)(cn=100%))');
  });

  it('never takes a character of the login name for part of the filter', () => {
    assertProperty(
      fc.property(fc.string(), (login) => {
        const filter = filterFor('(&(objectClass=person)(uid=%s))', login);
        assert.ok(filter instanceof AndFilter && filter.filters.length === 2);
        const [, uid] = filter.filters;
        assert.ok(uid instanceof EqualityFilter);
        assert.equal(uid.value, login);
      }),
    );
    const star = filterFor('(uid=%s)', '*');
    assert.ok(star instanceof EqualityFilter && star.value === '*');
  });

  for (const template of [
    '(objectClass=person)',
    '(&(uid=%s)',
    '(uid=%s))',
    '(uid=%s)(cn=x)',
    '(%s=alice)',
    '(uid:%s:=alice)',
    '',
    `(uid=%s${'x'.repeat(5_000)})`,
  ]) {
    it(`refuses the template ${JSON.stringify(template.slice(0, 30))}`, () => {
      assert.throws(
        () => filterFor(template, 'alice'),
        (error) => isFailure(error, 'DIRECTORY_SETTINGS_INVALID'),
      );
    });
  }
});
