import type { RequestContextOf } from '../context.ts';

/** A body as JSON text. `<`, `>` and `&` are escaped, as Conjur does. */
export function jsonText(body: unknown): string {
  return JSON.stringify(body).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Answers JSON. `<`, `>` and `&` are escaped, as Conjur does. */
export function sendJson(ctx: RequestContextOf, body: unknown): void {
  ctx.set('Content-Type', 'application/json; charset=utf-8');
  ctx.body = jsonText(body);
}
