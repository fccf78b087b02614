/**
 * The envelope of a backup: an age file (age-encryption.org/v1) around the compressed contents.
 *
 * The key of the file is random. Its one stanza is `latchkey-backup VERSION KEY-ID`, with the file's key
 * sealed by the keyring, so that whoever holds the data key of that id opens it, and nobody else.
 * age authenticates the header, and each piece of 64 KiB with its place and whether it is the last
 * one, so that nothing can be altered, moved, left out, repeated or cut off unnoticed.
 */
import { Readable, pipeline } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { Decrypter, Encrypter, Stanza, type Identity, type Recipient } from 'age-encryption';
import type { Keyring } from '../../ports/keyring.ts';
import { isFailure, LatchkeyError } from '../errors.ts';
import { unreadable } from './frames.ts';

/** Of the contents and of this envelope. */
export const backupVersion = '1';

type KeyOfFile = Pick<Keyring, 'keyId' | 'seal' | 'open'>;

const stanzaType = 'latchkey-backup';
const sealName = `backup file key ${backupVersion}`;
const ageLine = 'age-encryption.org/v1\n';
const headerEnd = '\n--- ';
/** Ours has less than 400. */
const maxHeaderBytes = 4 * 1024;
/** Sealed values cannot be compressed, and everything else at any level. */
const compressionLevel = 3;
const pieceBytes = 256 * 1024;

/** What the outside of a backup says. */
export interface EnvelopeHeader {
  readonly version: string;
  /** The data key that opens it. */
  readonly keyId: string;
}

/** Compresses and encrypts. Nothing is read before the result is. */
export async function sealEnvelope(
  keyring: KeyOfFile,
  contents: AsyncIterable<Uint8Array>,
): Promise<AsyncIterable<Uint8Array>> {
  const recipient: Recipient = {
    wrapFileKey: (fileKey) => [
      new Stanza([stanzaType, backupVersion, keyring.keyId], keyring.seal(fileKey, sealName)),
    ],
  };
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const compressed = createGzip({ level: compressionLevel, chunkSize: pieceBytes });
  pipeline(Readable.from(contents, { objectMode: true, highWaterMark: 1 }), compressed, noMatter);
  return iterable(await encrypter.encrypt(webStreamOf(compressed)));
}

/**
 * Decrypts and decompresses. What it gives has been authenticated, but is known to be all of it
 * only once it has ended.
 *
 * @throws LatchkeyError `BACKUP_INVALID`: no backup, of another version, or damaged
 * @throws LatchkeyError `DATA_KEY_UNKNOWN`: the keyring lacks the data key; the detail names its id
 */
export async function* openEnvelope(
  keyring: KeyOfFile,
  file: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const reading = new Reading(file);
  const source = reading.pieces();
  try {
    const { bytes, header } = await readHeader(source);
    const identity: Identity = { unwrapFileKey: (stanzas) => fileKeyIn(keyring, header, stanzas) };
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const whole = Readable.from(joined(bytes, source), { objectMode: true, highWaterMark: 1 });
    const contents = await decrypter.decrypt(webStreamOf(whole));
    const plain = createGunzip({ chunkSize: pieceBytes });
    pipeline(Readable.from(iterable(contents), { objectMode: true, highWaterMark: 4 }), plain, noMatter);
    yield* plain as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw reading.failure ?? explained(error);
  } finally {
    await source.return(undefined);
  }
}

function fileKeyIn(keyring: KeyOfFile, { keyId }: EnvelopeHeader, stanzas: readonly Stanza[]): Uint8Array {
  const stanza = stanzas.find(({ args }) => args[0] === stanzaType);
  if (stanza === undefined) throw unreadable('it is not a backup of Latchkey');
  try {
    return keyring.open(stanza.body, sealName);
  } catch (error) {
    if (isFailure(error, 'DATA_KEY_UNKNOWN')) {
      throw new LatchkeyError('DATA_KEY_UNKNOWN', {
        detail: `the backup was made under the data key ${keyId}, which is not among those that were given`,
        cause: error,
      });
    }
    throw unreadable('its header was altered', error);
  }
}

/** Reads as far as the header goes, which is looked at before anything is decrypted. */
async function readHeader(
  source: AsyncIterator<Uint8Array>,
): Promise<{ readonly bytes: Uint8Array; readonly header: EnvelopeHeader }> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const end = bytes.indexOf(headerEnd);
    if (end !== -1 && end < maxHeaderBytes)
      return { bytes, header: headerOf(bytes.toString('latin1', 0, end)) };
    const next = bytes.length < maxHeaderBytes ? await source.next() : undefined;
    if (next === undefined || next.done === true) throw noBackup(bytes);
    bytes = Buffer.concat([bytes, next.value]);
  }
}

function noBackup(bytes: Buffer): LatchkeyError {
  if (bytes.length === 0) return unreadable('it is empty');
  const begun = bytes.length < maxHeaderBytes && bytes.toString('latin1').startsWith(ageLine);
  return unreadable(begun ? 'its header is cut off' : 'it is not a backup of Latchkey');
}

function headerOf(text: string): EnvelopeHeader {
  const stanza = new RegExp(`^${ageLine}-> ${stanzaType} (\\d{1,9}) ([0-9a-f]{1,64})\n`).exec(text);
  const [, version, keyId] = stanza ?? [];
  if (version === undefined || keyId === undefined) throw unreadable('it is not a backup of Latchkey');
  if (version !== backupVersion) {
    throw unreadable(`it is of version ${version}, and this release reads version ${backupVersion}`);
  }
  return { version, keyId };
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return;
    yield next.value;
  }
}

/** A failure of reading the file stays what it is; what else fails does so because of its contents. */
class Reading {
  readonly #file: AsyncIterable<Uint8Array>;
  failure: unknown;

  constructor(file: AsyncIterable<Uint8Array>) {
    this.#file = file;
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#file;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

function explained(error: unknown): unknown {
  if (error instanceof LatchkeyError) return error;
  return unreadable('it was altered, damaged or cut off', error);
}

function webStreamOf(stream: Readable): globalThis.ReadableStream<Uint8Array> {
  return Readable.toWeb(stream);
}

function iterable(stream: globalThis.ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  return stream;
}

/** Whoever reads the last stream of a pipeline is told of its failure. */
function noMatter(): void {
  // The error has destroyed the stream that is read.
}
