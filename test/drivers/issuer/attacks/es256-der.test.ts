import { sign } from 'node:crypto';
import { onStage, sharedKey } from '../fixture.ts';

describe('ID token attack: ES256 signature in DER', () => {
  it('refuses a sound signature in DER form', () =>
    onStage(
      async ({ key, token, refuses }) => {
        const der = token({}, { sign: (input) => sign('sha256', input, key.privateKey) });
        await refuses(der, 'ID_TOKEN_SIGNATURE_INVALID');
      },
      { keys: [sharedKey('ES256')] },
    ));

  it('refuses a sound signature that is cut short or padded with zeros', () =>
    onStage(
      async ({ token, refuses }) => {
        const [head = '', payload = '', signature = ''] = token().split('.');
        const bytes = Buffer.from(signature, 'base64url');
        for (const wrong of [
          bytes.subarray(1),
          bytes.subarray(0, 63),
          Buffer.concat([Buffer.alloc(1), bytes]),
        ]) {
          await refuses(`${head}.${payload}.${wrong.toString('base64url')}`, 'ID_TOKEN_SIGNATURE_INVALID');
        }
      },
      { keys: [sharedKey('ES256')] },
    ));
});
