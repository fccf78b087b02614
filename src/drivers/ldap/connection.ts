/** A conversation with a directory: one connection, one request at a time. */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates, type ConnectionOptions } from 'node:tls';
import { BindRequest, ExtendedRequest, SearchRequest, UnbindRequest, type Filter } from 'ldapts';
import { isFailure, LatchkeyError } from '../../domain/errors.ts';
import type { Directory } from '../../ports/ldap-directory.ts';
import { guardedLookup } from '../outbound/address.ts';
import { readCertificates } from '../outbound/pem.ts';
import { finalResponse, ResponseReader, type FinalResponse, type Response } from './responses.ts';

export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  /** The time that one operation may take: a bind, a search. */
  readonly operationTimeoutMs: number;
}

/** What a search found: names of entries, of which two are kept, and the result code. */
export interface Found {
  readonly resultCode: number;
  readonly dns: readonly string[];
}

type Request = BindRequest | ExtendedRequest | SearchRequest;

/** A request that is not answered yet. */
interface Asked {
  readonly id: number;
  readonly until: FinalResponse;
  readonly dns: string[];
  readonly resolve: (found: Found) => void;
  readonly reject: (reason: LatchkeyError) => void;
}

const startTlsOid = '1.3.6.1.4.1.1466.20037';
const lingerMs = 1_000;
/** More than one says all there is to say. */
const maxKeptEntries = 2;

/**
 * A connection to a directory. It is made once: after its end every request fails, so that nothing that belongs
 * under TLS is ever sent on a later connection without it.
 */
export class LdapConnection {
  readonly #limits: ConnectionLimits;
  #socket: Socket;
  #reader = new ResponseReader();
  #lastId = 0;
  #asked: Asked | undefined;
  #end: LatchkeyError | undefined;

  private constructor(socket: Socket, limits: ConnectionLimits) {
    this.#socket = socket;
    this.#limits = limits;
    this.#listen();
  }

  /**
   * Connects, with TLS where the directory is reached by it, and asks for it where it must be asked for.
   * @param signal ends the connection, whenever it is aborted, with its reason
   * @throws LatchkeyError `DIRECTORY_UNREACHABLE`, `DIRECTORY_TIMEOUT`, `ISSUER_NOT_ALLOWED`, `SERVICE_VARIABLE_INVALID`
   */
  static async open(
    directory: Directory,
    limits: ConnectionLimits,
    signal: AbortSignal,
  ): Promise<LdapConnection> {
    const { host, port, security } = directory;
    const tls = security === 'none' ? {} : tlsOptionsOf(directory);
    const place = { host, port, lookup: guardedLookup() };
    const socket = security === 'tls' ? connectTls({ ...place, ...tls }) : connectPlain(place);
    const connection = new LdapConnection(socket, limits);
    signal.addEventListener('abort', () => {
      connection.#fail(signal.reason);
    });
    if (signal.aborted) connection.#fail(signal.reason);
    try {
      await connection.#until(security === 'tls' ? 'secureConnect' : 'connect');
      if (security === 'starttls') await connection.#startTls(tls);
      return connection;
    } catch (error) {
      connection.#fail(error);
      throw error;
    }
  }

  /** @returns the result code; 0 for success */
  async bind(dn: string, password: string): Promise<number> {
    const request = new BindRequest({ messageId: this.#nextId(), dn, password });
    return (await this.#ask(request, finalResponse.bind)).resultCode;
  }

  /** Finds entries below another, without what is in them. */
  async search(baseDN: string, filter: Filter): Promise<Found> {
    const request = new SearchRequest({
      messageId: this.#nextId(),
      baseDN,
      filter,
      scope: 'sub',
      attributes: ['1.1'],
      sizeLimit: maxKeptEntries,
      timeLimit: Math.ceil(this.#limits.operationTimeoutMs / 1_000),
    });
    return this.#ask(request, finalResponse.search);
  }

  /** Takes leave, without waiting. */
  end(): void {
    if (this.#end !== undefined) return;
    this.#end = unreachable('The connection to the directory has ended');
    this.#socket.setTimeout(lingerMs, () => this.#socket.destroy());
    this.#socket.write(new UnbindRequest({ messageId: this.#nextId() }).write());
    this.#socket.destroySoon();
  }

  /** RFC 4511 section 4.14: between the answer and the handshake there is nothing. */
  async #startTls(options: ConnectionOptions): Promise<void> {
    const request = new ExtendedRequest({ messageId: this.#nextId(), oid: startTlsOid });
    const { resultCode } = await this.#ask(request, finalResponse.extended);
    if (resultCode !== 0) throw refusedWith(resultCode);
    if (this.#end !== undefined) throw this.#end;
    if (this.#reader.midway) throw unreachable('The directory went on without TLS');
    const plain = this.#socket.removeAllListeners('data');
    this.#socket = connectTls({ ...options, socket: plain });
    this.#listen();
    await this.#until('secureConnect');
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('data', (bytes: Buffer) => {
      try {
        for (const response of this.#reader.read(bytes)) this.#take(response);
      } catch (error) {
        this.#fail(error);
      }
    });
    socket.on('error', (error) => {
      this.#fail(error);
    });
    socket.on('close', () => {
      this.#fail(unreachable('The directory ended the connection'));
    });
  }

  /** Waits for an event of the socket, for as long as connecting may take. */
  async #until(event: 'connect' | 'secureConnect'): Promise<void> {
    await this.#within(this.#limits.connectTimeoutMs, (resolve) => {
      this.#socket.once(event, () => {
        resolve({ resultCode: 0, dns: [] });
      });
      return { id: -1, until: finalResponse.extended };
    });
  }

  async #ask(request: Request, until: FinalResponse): Promise<Found> {
    return this.#within(this.#limits.operationTimeoutMs, () => {
      this.#socket.write(request.write());
      return { id: request.messageId, until };
    });
  }

  async #within(
    timeoutMs: number,
    start: (resolve: Asked['resolve']) => Pick<Asked, 'id' | 'until'>,
  ): Promise<Found> {
    if (this.#end !== undefined) throw this.#end;
    const timer = setTimeout(() => {
      this.#fail(new LatchkeyError('DIRECTORY_TIMEOUT'));
    }, timeoutMs);
    try {
      return await new Promise((resolve, reject) => {
        this.#asked = { ...start(resolve), dns: [], resolve, reject };
      });
    } finally {
      clearTimeout(timer);
      this.#asked = undefined;
    }
  }

  #take(response: Response): void {
    const asked = this.#asked;
    // RFC 4511 section 4.4: what has no id is a notice that the connection ends.
    if (asked === undefined || response.id !== asked.id)
      throw unreachable('The directory answered what was not asked');
    if (response.kind === 'aside') return;
    if (response.kind === 'entry') {
      if (asked.until !== finalResponse.search)
        throw unreachable('The directory answered what was not asked');
      if (asked.dns.length < maxKeptEntries) asked.dns.push(response.dn);
      return;
    }
    if (response.operation !== asked.until) throw unreachable('The directory answered what was not asked');
    this.#asked = undefined;
    asked.resolve({ resultCode: response.resultCode, dns: asked.dns });
  }

  /** Ends the connection, and what waits for it, for a reason; only the first counts. */
  #fail(reason: unknown): void {
    this.#end ??= asFailure(reason);
    this.#socket.destroy();
    this.#asked?.reject(this.#end);
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

function tlsOptionsOf({ host, caCert }: Directory): ConnectionOptions {
  return {
    host,
    rejectUnauthorized: true,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(caCert === undefined ? {} : { ca: [...rootCertificates, ...readCertificates(caCert)] }),
  };
}

/** What a directory's refusal is, as far as anybody is told. */
export function refusedWith(resultCode: number): LatchkeyError {
  return unreachable(`The directory answered with result code ${resultCode}`);
}

function asFailure(error: unknown): LatchkeyError {
  if (isFailure(error)) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const shown = typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? ` (${code})` : '';
  return unreachable(`The directory could not be asked${shown}`);
}

export function unreachable(detail: string): LatchkeyError {
  return new LatchkeyError('DIRECTORY_UNREACHABLE', { detail });
}
