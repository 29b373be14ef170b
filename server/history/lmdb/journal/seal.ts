import { closeSync, constants, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Head } from '../tables/head.js';
import { SIGNATURE_BYTES } from '../tables/tables.js';

/*
 * The file journal-seal names the newest acknowledged entry, so that a log file that was cut,
 * removed or damaged at its end is noticed:
 *
 *     signature, 8 bytes · check u32 · version u32 ·
 *     last f64 · fingerprint u32 · storedAt i64 · latestTime i64 · totalBytes f64 ·
 *     size of journal-0 f64 · size of journal-1 f64
 *
 * `check` is the CRC-32 of all bytes after it. Numbers are big-endian. The seal is
 * overwritten after each commit and before that is acknowledged. It is not flushed, because a flush
 * would double the time of a commit.
 *
 * Detected: any loss of acknowledged entries at the end of the log, with their number, as long as
 * the machine has not crashed. Not detected: the loss of entries that were acknowledged within
 * about 30 seconds before a crash of the machine, when the file system has not written the seal.
 * A seal that is older than the log is harmless. A torn last record was never acknowledged, and so
 * is never behind the seal.
 */
export const SEAL_FILE = 'journal-seal';
const VERSION = 1;

const CHECK_AT = SIGNATURE_BYTES;
const VERSION_AT = CHECK_AT + 4;
const LAST_AT = VERSION_AT + 4;
const FINGERPRINT_AT = LAST_AT + 8;
const STORED_AT = FINGERPRINT_AT + 4;
const LATEST_TIME_AT = STORED_AT + 8;
const TOTAL_BYTES_AT = LATEST_TIME_AT + 8;
const FIRST_SIZE_AT = TOTAL_BYTES_AT + 8;
const SECOND_SIZE_AT = FIRST_SIZE_AT + 8;
const SEAL_BYTES = SECOND_SIZE_AT + 8;

/** The sizes of both files of the log, in bytes. */
export type LogSizes = readonly [number, number];

/** The contents of an intact seal. */
export interface Sealed {
  /** The newest acknowledged entry. */
  readonly head: Head;
  readonly logSizes: LogSizes;
}

/** The seal of an open store. */
export class Seal {
  readonly #bytes = Buffer.alloc(SEAL_BYTES);

  private constructor(
    private readonly file: number,
    signature: Buffer,
    /** The seal as the last process left it; undefined when there was none or it is damaged. */
    readonly found: Sealed | undefined,
  ) {
    this.#bytes.set(signature);
    this.#bytes.writeUInt32BE(VERSION, VERSION_AT);
  }

  /** Opens the seal in a directory, and creates an empty one if there is none. */
  static open(directory: string, signature: Buffer): Seal {
    const file = openSync(join(directory, SEAL_FILE), constants.O_RDWR | constants.O_CREAT, 0o600);
    return new Seal(file, signature, decode(read(file), signature));
  }

  /** Seals an entry. A failure leaves an older seal, which is harmless. */
  write({ last, fingerprint, storedAt, latestTime, totalBytes }: Head, logSizes: LogSizes): void {
    const bytes = this.#bytes;
    bytes.writeDoubleBE(last, LAST_AT);
    bytes.writeUInt32BE(fingerprint, FINGERPRINT_AT);
    bytes.writeBigInt64BE(storedAt, STORED_AT);
    bytes.writeBigInt64BE(latestTime, LATEST_TIME_AT);
    bytes.writeDoubleBE(totalBytes, TOTAL_BYTES_AT);
    bytes.writeDoubleBE(logSizes[0], FIRST_SIZE_AT);
    bytes.writeDoubleBE(logSizes[1], SECOND_SIZE_AT);
    bytes.writeUInt32BE(crc32(bytes.subarray(VERSION_AT)), CHECK_AT);
    try {
      writeSync(this.file, bytes, 0, SEAL_BYTES, 0);
    } catch {
      // The entry itself is stored.
    }
  }

  /** Flushes and closes the file. */
  close(): void {
    try {
      fsyncSync(this.file);
    } catch {
      // An older seal is harmless.
    }
    closeSync(this.file);
  }
}

function read(file: number): Buffer {
  const bytes = Buffer.alloc(SEAL_BYTES);
  return bytes.subarray(0, readSync(file, bytes, 0, SEAL_BYTES, 0));
}

function isIntact(bytes: Buffer): boolean {
  return (
    bytes.length === SEAL_BYTES &&
    crc32(bytes.subarray(VERSION_AT)) === bytes.readUInt32BE(CHECK_AT) &&
    bytes.readUInt32BE(VERSION_AT) === VERSION
  );
}

function decode(bytes: Buffer, signature: Buffer): Sealed | undefined {
  if (!isIntact(bytes) || !bytes.subarray(0, SIGNATURE_BYTES).equals(signature)) return undefined;
  return {
    head: {
      last: bytes.readDoubleBE(LAST_AT),
      fingerprint: bytes.readUInt32BE(FINGERPRINT_AT),
      storedAt: bytes.readBigInt64BE(STORED_AT),
      latestTime: bytes.readBigInt64BE(LATEST_TIME_AT),
      totalBytes: bytes.readDoubleBE(TOTAL_BYTES_AT),
    },
    logSizes: [bytes.readDoubleBE(FIRST_SIZE_AT), bytes.readDoubleBE(SECOND_SIZE_AT)],
  };
}
