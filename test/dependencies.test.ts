/** What the lock file lets onto the machine of whoever installs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

describe('package-lock.json', () => {
  it('holds every package to a SHA-512 of its content', () => {
    const loose = packages.filter(([, { integrity = '' }]) => !/^sha512-[\w+/]{86}==$/.test(integrity));
    assert.deepEqual(loose, []);
  });

  it('takes packages from the registry alone: no link, no Git repository, no other address', () => {
    const elsewhere = packages.filter(
      ([, { link, resolved }]) =>
        link === true || (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')),
    );
    assert.deepEqual(elsewhere, []);
  });

  it('has no package that runs something when it is installed, but those of the embedded store', () => {
    const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    // Both look for a binary that fits, and are found without, too: the image is made with --ignore-scripts.
    assert.deepEqual(scripted.map(([path]) => path.replace(/^.*node_modules\//, '')).sort(), [
      'lmdb',
      'msgpackr-extract',
    ]);
  });
});
