import { onStage } from '../fixture.ts';

describe('ID token attack: base64 padding', () => {
  for (const part of [0, 1, 2]) {
    it(`refuses padding after part ${part + 1}`, () =>
      onStage(async ({ token, refuses }) => {
        const parts = token().split('.');
        const padded = parts.map((text, index) =>
          index === part ? `${text}${'='.repeat(4 - (text.length % 4))}` : text,
        );
        await refuses(padded.join('.'), 'ID_TOKEN_MALFORMED');
      }));
  }
});
