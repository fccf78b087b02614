import { isFailure, type LatchkeyError } from '../errors.ts';

/**
 * Settles as the result does, but for an account that there is not: then as `otherwise` answers or throws.
 * To most callers nothing is found in such an account, rather than that the account is missing.
 */
export async function inAccount<T, Otherwise>(
  result: Promise<T>,
  otherwise: (missing: LatchkeyError) => Otherwise,
): Promise<T | Otherwise> {
  try {
    return await result;
  } catch (error) {
    if (isFailure(error, 'ACCOUNT_NOT_FOUND')) return otherwise(error);
    throw error;
  }
}
