/** The policies that the pages of authenticators show. */
import { readFileSync } from 'node:fs';
import { load, signIn } from '../support/client.ts';
import { startTestService, type TestService } from '../support/service.ts';

describe('the policies of the pages of authenticators', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  for (const page of ['authn-oidc', 'authn-ldap', 'authn-iam']) {
    it(`can be loaded: docs/${page}.md`, async () => {
      const admin = await signIn(service);
      const text = readFileSync(`docs/${page}.md`, 'utf8');
      const blocks = [...text.matchAll(/^( *)```yaml\n(.*?)^ *```$/gms)];
      if (blocks.length === 0) throw new Error('the page shows no policy');
      for (const [, indent = '', block = ''] of blocks)
        await load(admin, block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
    });
  }
});
