/** A real Chromium, driven by the tests of the pages. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { chromium, type Browser, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const onMacOs = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

function executable(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const found = [...paths, onMacOs].find((path) => existsSync(path));
  if (found === undefined) throw new Error('no Chromium is installed: run scripts/install-chromium');
  return found;
}

/** Starts the browser. Close it when done. */
export async function startBrowser(): Promise<Browser> {
  // Chromium's own sandbox needs a user other than root, which a container seldom has.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: executable(), args });
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** Holds the page against WCAG 2.2 A and AA and the best practices that axe-core knows. */
export async function assertAccessible(page: Page): Promise<void> {
  // The page allows no script of its own, so that axe runs in the browser's isolated world.
  const results = await page.evaluate<AxeResults>(`${axe}; axe.run(document)`);
  const violations = results.violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
  assert.deepEqual(violations, []);
}
