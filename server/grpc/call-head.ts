import { FoghornError } from '../../protocol/errors.js';
import {
  traceContext,
  TRACEPARENT,
  TRACESTATE,
  type TraceContext,
} from '../../protocol/trace-context.js';
import { FixedResponse, HeaderBlock, type RequestHeaders } from '../http2/index.js';
import { encodingOf, type Encoding } from './encoding.js';
import { frameOf } from './frames.js';
import { OK_TRAILERS } from './status.js';
import { timeLimit } from './time-limit.js';

/** The first header fields of answers, which repeat the request's content type. */
export interface AnswerHead {
  readonly contentType: string;
  readonly headers: HeaderBlock;
  /** An empty message and status OK. */
  readonly empty: FixedResponse;
}

/**
 * The facts about a call in its request's header fields. It is derived once for all requests that
 * repeat the fields.
 */
export interface CallHead {
  /** In ms; Infinity without a limit. */
  readonly timeLimit: number;
  /** The encoding of the request's messages, undefined if they are not compressed. */
  readonly encoding: Encoding | undefined;
  /**
   * The encoding of answers: that of the request if the client accepts it, as with grpc-go. A
   * client that does not compress is not sent compressed answers either.
   */
  readonly answerEncoding: Encoding | undefined;
  readonly answer: AnswerHead;
  /** The credential that the call brings; undefined if it relies on its connection. */
  readonly authorization: string | undefined;
  readonly trace: TraceContext | undefined;
}

/** A request that is no gRPC call, or a malformed one. */
export interface BadRequest {
  readonly httpStatus: number;
  readonly error: FoghornError;
}

const CONTENT_TYPE = 'application/grpc';
const PLAIN = answerHead(CONTENT_TYPE);
const WITH_SUBTYPE = answerHead(`${CONTENT_TYPE}+proto`);

function answerHead(contentType: string): AnswerHead {
  const headers = new HeaderBlock(answerFields(contentType), true);
  const empty = new FixedResponse(headers, frameOf(new Uint8Array()), OK_TRAILERS);
  return { contentType, headers, empty };
}

export function answerFields(contentType: string, httpStatus = 200): [string, string][] {
  return [
    [':status', String(httpStatus)],
    ['content-type', contentType],
  ];
}

/** Reads the header fields of a request that gRPC defines. */
export function readHead(headers: RequestHeaders): CallHead | BadRequest {
  const contentType = headers.get('content-type') ?? '';
  if (!isGrpc(contentType)) {
    const text = `invalid gRPC request content-type ${JSON.stringify(contentType)}`;
    return { httpStatus: 415, error: new FoghornError('INTERNAL', text) };
  }
  const timeout = headers.get('grpc-timeout');
  const limit = timeLimit(timeout);
  if (Number.isNaN(limit)) {
    const text = `malformed grpc-timeout: ${JSON.stringify(timeout)}`;
    return { httpStatus: 400, error: new FoghornError('INTERNAL', text) };
  }
  const encoding = encodingOf(headers.get('grpc-encoding'));
  if (encoding instanceof FoghornError) return { httpStatus: 200, error: encoding };
  const accepted = headers.get('grpc-accept-encoding')?.split(',') ?? [];
  const isAccepted = accepted.some((name) => name.trim() === encoding?.name);
  return {
    timeLimit: limit,
    encoding,
    answerEncoding: isAccepted ? encoding : undefined,
    authorization: headers.get('authorization'),
    trace: traceContext(headers.get(TRACEPARENT), headers.get(TRACESTATE)),
    answer: contentType === WITH_SUBTYPE.contentType ? WITH_SUBTYPE : PLAIN,
  };
}

/** Whether a content type is gRPC's, alone or with a subtype or parameters after it. */
function isGrpc(contentType: string): boolean {
  if (!contentType.startsWith(CONTENT_TYPE)) return false;
  const next = contentType[CONTENT_TYPE.length];
  return next === undefined || next === '+' || next === ';';
}
