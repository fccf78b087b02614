import assert from 'node:assert/strict';
import { parameterForms } from '../../../src/domain/audit/parameters.ts';

describe('parameterForms', () => {
  it('writes structured data, and a hash as Ruby shows it', () => {
    assert.deepEqual(
      parameterForms([
        ['account', 'acct'],
        ['limit', '10'],
      ]),
      [' account="acct" limit="10"', '{:account=>"acct", :limit=>"10"}'],
    );
    assert.deepEqual(parameterForms([]), ['', '{}']);
  });

  it('lets no value end its quotation or its line', () => {
    const [data, text] = parameterForms([['search', 'a"] \\ b\nc']]);
    assert.equal(data, ' search="a\\"\\] \\\\ b\\nc"');
    assert.equal(text, '{:search=>"a\\"] \\\\ b\\nc"}');
  });
});
