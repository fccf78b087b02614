import { LatchkeyError } from '../../errors.ts';

/** Conjur's idea of a JWT, padding included; the verifier is stricter. */
const jwtForm = /^[-\w=]+\.[-\w=]+\.[-\w=]+$/;

/**
 * The JWT of the form field `jwt`, without white space around it: token files end in a line break.
 * @throws LatchkeyError `REQUEST_FIELD_MISSING`: no such field, or an empty one
 * @throws LatchkeyError `JWT_MISSING`: not three parts that are not empty
 */
export function presentedJwt(field: string | undefined): string {
  if (field === undefined || field === '') {
    throw new LatchkeyError('REQUEST_FIELD_MISSING', {
      detail: "Field 'jwt' is missing or empty in request body",
    });
  }
  const token = field.trim();
  if (!jwtForm.test(token)) throw new LatchkeyError('JWT_MISSING');
  return token;
}
