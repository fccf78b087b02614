/** The certificate that the HTTPS server shows, while the service runs. */
import type { Log } from '../../log.ts';
import type { Clock } from '../../ports/clock.ts';
import { LatchkeyError } from '../../domain/errors.ts';
import type { TlsCredentials } from './credentials.ts';

const dayMs = 24 * 60 * 60 * 1_000;
const expiringMs = 30 * dayMs;

export interface CertificateSource {
  /** Reads, or makes, what is to be used from now on. */
  readonly read: () => Promise<TlsCredentials>;
  /** Whether {@link read} renews what is about to end, so that it is asked every day. */
  readonly renews: boolean;
}

/**
 * Holds the certificate in use. Every day, and whenever it was read, the log warns of one that ends
 * within 30 days (`TLS_CERTIFICATE_EXPIRING`) or has ended (`TLS_CERTIFICATE_EXPIRED`).
 */
export class ServerCertificate {
  readonly #source: CertificateSource;
  readonly #clock: Clock;
  readonly #log: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly #timer: NodeJS.Timeout;
  #current: TlsCredentials;
  #use: (credentials: TlsCredentials) => void = () => undefined;

  private constructor(
    source: CertificateSource,
    clock: Clock,
    log: Pick<Log, 'info' | 'warn' | 'error'>,
    current: TlsCredentials,
  ) {
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
    this.#current = current;
    this.#warn();
    this.#timer = setInterval(() => {
      if (source.renews) void this.reload();
      else this.#warn();
    }, dayMs).unref();
  }

  /** @throws LatchkeyError `TLS_CREDENTIALS_INVALID` */
  static async open(
    source: CertificateSource,
    clock: Clock,
    log: Pick<Log, 'info' | 'warn' | 'error'>,
  ): Promise<ServerCertificate> {
    return new ServerCertificate(source, clock, log, await source.read());
  }

  get current(): TlsCredentials {
    return this.#current;
  }

  /** @param use is called with each new certificate; what it throws leaves the old one in use */
  onChange(use: (credentials: TlsCredentials) => void): void {
    this.#use = use;
  }

  /**
   * Reads the source anew. What cannot be used is logged (`TLS_CREDENTIALS_INVALID`), and what was
   * in use stays. Never rejects.
   */
  async reload(): Promise<void> {
    try {
      const next = await this.#source.read();
      if (next.cert !== this.#current.cert || next.key !== this.#current.key) {
        this.#use(next);
        this.#current = next;
        this.#log.info(
          { fingerprint: next.fingerprint, notAfter: new Date(next.notAfter).toISOString() },
          'the certificate was exchanged',
        );
      }
    } catch (error) {
      const code = error instanceof LatchkeyError ? error.code : 'TLS_CREDENTIALS_INVALID';
      this.#log.error({ code, err: error }, 'the certificate could not be read anew; the one in use stays');
    }
    this.#warn();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #warn(): void {
    const { notAfter, fingerprint } = this.#current;
    const leftMs = notAfter - this.#clock.now();
    const fields = { notAfter: new Date(notAfter).toISOString(), fingerprint };
    if (leftMs <= 0) {
      this.#log.error({ code: 'TLS_CERTIFICATE_EXPIRED', ...fields }, 'the certificate has ended');
    } else if (leftMs <= expiringMs) {
      this.#log.warn({ code: 'TLS_CERTIFICATE_EXPIRING', ...fields }, 'the certificate ends soon');
    }
  }
}
