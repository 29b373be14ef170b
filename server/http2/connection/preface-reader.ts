import { CONNECTION_PREFACE } from '../protocol.js';

/** The client does not begin with HTTP/2's connection preface. */
export class PrefaceError extends Error {
  constructor(readonly looksLikeHttp1: boolean) {
    super('expected the connection preface of HTTP/2');
  }
}

/** The begin of a request line, cut anywhere: a method, then a path, a URL or an authority. */
const HTTP1_REQUEST = /^(?!PRI )(?:CONNECT |[A-Z]{1,20}(?: ?$| [/*h]))/;

/** Checks the client's connection preface (RFC 9113, section 3.4), which may come in parts. */
export class PrefaceReader {
  #matched = 0;

  /** Returns the bytes after the preface, or undefined before its end. Throws PrefaceError. */
  read(bytes: Buffer): Buffer | undefined {
    const matched = this.#matched;
    const length = Math.min(bytes.length, CONNECTION_PREFACE.length - matched);
    if (bytes.compare(CONNECTION_PREFACE, matched, matched + length, 0, length) !== 0) {
      const begin =
        CONNECTION_PREFACE.toString('latin1', 0, matched) + bytes.toString('latin1', 0, 32);
      throw new PrefaceError(HTTP1_REQUEST.test(begin));
    }
    this.#matched += length;
    return this.#matched < CONNECTION_PREFACE.length ? undefined : bytes.subarray(length);
  }
}
