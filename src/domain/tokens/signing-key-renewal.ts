import { setTimeout as pause } from 'node:timers/promises';
import { isFailure } from '../errors.ts';
import { rotateSigningKey, type SigningKeyServices } from './rotate-signing-keys.ts';

const msPerHour = 60 * 60 * 1_000;

/**
 * Rotates the signing key of each account once it is of an age, looking every hour. Of several processes
 * that look at once, one does it.
 */
export class SigningKeyRenewal {
  readonly #stopping = new AbortController();
  readonly #renewing: Promise<void>;

  /**
   * @param onFailure is told what kept the keys of all accounts, or of one, from being looked at; it is tried again
   * @param msBetweenLooks an hour, unless in a test
   */
  constructor(
    services: SigningKeyServices,
    maxAgeMs: number,
    onFailure: (error: unknown) => void,
    msBetweenLooks = msPerHour,
  ) {
    this.#renewing = this.#renew(services, maxAgeMs, onFailure, msBetweenLooks);
  }

  /** Settles once it does nothing any more. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#renewing;
  }

  async #renew(
    services: SigningKeyServices,
    maxAgeMs: number,
    onFailure: (error: unknown) => void,
    msBetweenLooks: number,
  ): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await renewAll(services, maxAgeMs, signal).catch(onFailure);
      await pause(msBetweenLooks, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

async function renewAll(services: SigningKeyServices, maxAgeMs: number, signal: AbortSignal): Promise<void> {
  for (const account of await services.store.accounts()) {
    if (signal.aborted) return;
    await rotateSigningKey(services, account, { ifOlderThanMs: maxAgeMs }).catch((error: unknown) => {
      // Removed meanwhile, or the store's own account, whose operator was never made.
      if (!isFailure(error, 'ACCOUNT_UNKNOWN')) throw error;
    });
  }
}
