const lineFeed = 0x0a;
/** Of UTF-8, for a code unit of UTF-16. */
const maxBytesOfUnit = 3;
const usualBytes = 256 * 1024;
/** What is kept for the next time; more is let go of. */
const maxKeptBytes = 8 * 1024 * 1024;

/** Turns lines to bytes in a buffer that is used again and again: a new one for every write costs more than all else. */
export class LineBytes {
  #buffer = Buffer.allocUnsafeSlow(usualBytes);

  /**
   * The lines in UTF-8, each ended by a line feed.
   * @param characters of all lines, in UTF-16 code units
   * @param startsNewLine whether a line feed comes first
   * @returns a view that holds until the next call
   */
  of(lines: readonly string[], characters: number, startsNewLine: boolean): Uint8Array {
    const room = characters * maxBytesOfUnit + lines.length + 1;
    const buffer = room <= this.#buffer.length ? this.#buffer : Buffer.allocUnsafeSlow(room);
    if (room <= maxKeptBytes) this.#buffer = buffer;
    let end = 0;
    if (startsNewLine) buffer[end++] = lineFeed;
    for (const line of lines) {
      end += buffer.write(line, end);
      buffer[end++] = lineFeed;
    }
    return buffer.subarray(0, end);
  }
}
