import { FoghornError } from '../../../protocol/errors.js';
import { quotedExcerpt } from '../../../protocol/excerpt.js';
import {
  declaredFraming,
  parseFields,
  valuesOf,
  type BodyFraming,
  type HttpField,
} from './header-fields.js';

interface MessageHead {
  readonly isHttp10: boolean;
  readonly fields: readonly HttpField[];
  readonly framing: BodyFraming;
  /** Whether the connection may carry another message after this one. */
  readonly persists: boolean;
  /** The head as it came, with the empty line at its end. */
  readonly bytes: Buffer;
}

/** The head of a request, parsed so strictly that no other parser reads it differently. */
export interface RequestHead extends MessageHead {
  readonly method: string;
  /** As it came: a path with its query, or a whole URI. */
  readonly target: string;
}

/** The head of a response. */
export interface ResponseHead extends MessageHead {
  readonly status: number;
}

const REQUEST_LINE = /^([A-Z]+) ([\x21-\x7e]+) HTTP\/1\.([01])$/;
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: .*)?$/;

/** @throws FoghornError INVALID_ARGUMENT */
export function parseRequestHead(bytes: Buffer): RequestHead {
  const [line = '', ...rest] = linesOf(bytes);
  const [, method, target, minor] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || target === undefined || method === 'CONNECT') {
    throw new FoghornError('INVALID_ARGUMENT', `malformed request line ${quotedExcerpt(line)}`);
  }
  const fields = parseFields(rest);
  if (fields.filter(({ name }) => name === 'host').length > 1) {
    throw new FoghornError('INVALID_ARGUMENT', 'expected one Host, not several of them');
  }
  const isHttp10 = minor === '0';
  const framing = declaredFraming(fields) ?? { kind: 'none' };
  if (isHttp10 && framing.kind === 'chunked') {
    throw new FoghornError('INVALID_ARGUMENT', 'HTTP/1.0 has no Transfer-Encoding');
  }
  const persists = doesPersist(isHttp10, fields);
  return { method, target, isHttp10, fields, framing, persists, bytes };
}

/**
 * Parses the head of a response to a request with this method.
 *
 * @throws FoghornError INVALID_ARGUMENT
 */
export function parseResponseHead(bytes: Buffer, method: string): ResponseHead {
  const [line = '', ...rest] = linesOf(bytes);
  const [, minor, code] = STATUS_LINE.exec(line) ?? [];
  if (code === undefined) {
    throw new FoghornError('INVALID_ARGUMENT', `malformed status line ${quotedExcerpt(line)}`);
  }
  const status = Number(code);
  const fields = parseFields(rest);
  const isHttp10 = minor === '0';
  const hasBody = method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304;
  const framing: BodyFraming = hasBody
    ? (declaredFraming(fields) ?? { kind: 'until close' })
    : { kind: 'none' };
  const persists = framing.kind !== 'until close' && doesPersist(isHttp10, fields);
  return { status, isHttp10, fields, framing, persists, bytes };
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString('latin1', 0, bytes.length - END_OF_HEAD.length).split('\r\n');
}

function doesPersist(isHttp10: boolean, fields: readonly HttpField[]): boolean {
  const options = valuesOf(fields, 'connection');
  return isHttp10 ? options.includes('keep-alive') : !options.includes('close');
}

/** The bytes that end every head. */
export const END_OF_HEAD = Buffer.from('\r\n\r\n');
