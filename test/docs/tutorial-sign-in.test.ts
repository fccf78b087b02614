import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import { Walkthrough, stepsOf } from './walkthrough.ts';

const page = 'docs/tutorial-sign-in.md';

describe(page, function () {
  this.timeout(60_000);
  let walkthrough: Walkthrough;
  let browser: Browser;

  before(async () => {
    walkthrough = await Walkthrough.open([]);
    browser = await startBrowser();
  });
  after(async () => {
    await browser.close();
    await walkthrough.close();
  });

  /** Steps before the one in which the browser is needed, and those after it. */
  const steps = stepsOf(readFileSync(page, 'utf8'));
  const browsing = steps.findIndex(({ heading }) => heading === '6. Sign in');

  for (const step of steps.slice(0, browsing)) {
    it(`prints what it shows: ${step.heading}, line ${step.line}`, () => walkthrough.run(step));
  }

  /** Follows the page's words up to where the application has its answer. */
  async function signIn(login: string): Promise<Page> {
    const people = JSON.parse(walkthrough.read('people.json')) as {
      readonly created_roles: Readonly<Record<string, { readonly api_key: string }>>;
    };
    const context = await browser.newContext();
    const tab = await context.newPage();
    await tab.goto(walkthrough.addressOf('http://127.0.0.1:8100'));
    await tab.getByRole('link', { name: 'Sign in' }).click();
    await tab.getByLabel('User name').fill(login);
    const { api_key: key = '' } = people.created_roles[`default:user:${login}`] ?? {};
    await tab.getByLabel('Password or API key').fill(key);
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await tab.waitForURL(`${walkthrough.addressOf('http://127.0.0.1:8100')}/**`);
    return tab;
  }

  it('signs carol in, tells the application what the scope says, and signs her out', async () => {
    const tab = await signIn('carol');
    assert.equal(await tab.title(), 'Signed in');
    const claims = JSON.parse((await tab.textContent('pre')) ?? '') as Readonly<Record<string, unknown>>;
    assert.deepEqual(claims['groups'], ['wiki-users']);
    assert.equal(claims['email'], 'carol@example.com');
    await tab.getByRole('link', { name: 'Sign out' }).click();
    await tab.getByRole('button', { name: 'Sign out' }).click();
    await tab.waitForURL(`${walkthrough.addressOf('http://127.0.0.1:8100')}/`);
    assert.equal(await tab.title(), 'Not signed in');
  });

  it('refuses dave, who is not in the group', async () => {
    const tab = await signIn('dave');
    assert.match((await tab.textContent('p')) ?? '', /access_denied/);
  });

  for (const step of steps.slice(browsing)) {
    it(`prints what it shows: ${step.heading}, line ${step.line}`, () => walkthrough.run(step));
  }

  it('ends with Ctrl-C in each terminal', async () => {
    assert.deepEqual(await walkthrough.stop(), [0, 0]);
  });
});
