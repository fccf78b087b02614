import assert from 'node:assert/strict';
import fc from 'fast-check';
import { html } from '../../../src/http/pages/html.ts';
import { assertProperty } from '../../support/property.ts';

describe('a piece of HTML', () => {
  it('escapes texts, for elements and attributes', () => {
    const { markup } = html`<p title="${'a"b'}">${"<b>&'</b>"}</p>`;
    assert.equal(markup, '<p title="a&quot;b">&lt;b&gt;&amp;&#39;&lt;/b&gt;</p>');
  });

  it('puts pieces and lists of pieces in as they are, and nothing for undefined', () => {
    const items = ['x', '<'].map((text) => html`<li>${text}</li>`);
    const { markup } = html`<ul>
        ${items}
      </ul>
      ${undefined}
      <p>${html`<b>y</b>`}</p>`;
    assert.equal(markup.replace(/\s/g, ''), '<ul><li>x</li><li>&lt;</li></ul><p><b>y</b></p>');
  });

  it('never takes a text for markup', () => {
    assertProperty(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(html`${text}`.markup, /[<>"']/);
      }),
    );
  });
});
