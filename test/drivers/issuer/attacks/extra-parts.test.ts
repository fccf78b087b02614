import { onStage } from '../fixture.ts';

describe('ID token attack: wrong number of parts', () => {
  it('refuses a part too many, too few, or an empty one', () =>
    onStage(async ({ token, refuses }) => {
      const good = token();
      const [header = '', payload = '', signature = ''] = good.split('.');
      for (const wrong of [
        '',
        '.',
        '..',
        '...',
        header,
        `${header}.${payload}`,
        `${good}.`,
        `.${good}`,
        `${good}.${signature}`,
        `${header}..${signature}`,
        `.${payload}.${signature}`,
        `${header}.${payload}.`,
      ]) {
        await refuses(wrong, 'ID_TOKEN_MALFORMED');
      }
    }));

  it('refuses a JWS in JSON form', () =>
    onStage(async ({ token, refuses }) => {
      const [header, payload, signature] = token().split('.');
      await refuses(JSON.stringify({ protected: header, payload, signature }), 'ID_TOKEN_MALFORMED');
      await refuses(
        JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
        'ID_TOKEN_MALFORMED',
      );
    }));
});
