import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { codeOfGrpcStatus, FoghornError } from '../../protocol/errors.js';
import type {
  BidiStreamMethod,
  Call,
  MessageSource,
  Method,
  RequestHandler,
  ResponseStream,
  UnaryMethod,
} from '../../server/services/service.js';

/*
 * grpc.testing.TestService, by which implementations of gRPC test each other
 * (https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md).
 */

const SERVICE = '/grpc.testing.TestService';
const ECHO_INITIAL = 'x-grpc-test-echo-initial';
const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin';

/** The fields in common of SimpleRequest and both StreamingCallRequests. */
interface TestRequest {
  /** Sizes of the responses. */
  readonly sizes: readonly number[];
  /** Size of the payload. */
  readonly bytes: number;
  readonly status: FoghornError | undefined;
}

/** The fields of an encoded message; numbers as numbers. */
function fieldsOf(bytes: Uint8Array): [number, number | Uint8Array][] {
  const reader = new BinaryReader(bytes);
  const fields: [number, number | Uint8Array][] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    fields.push([number, wireType === WireType.Varint ? reader.int32() : reader.bytes()]);
  }
  return fields;
}

function bytesIn(bytes: Uint8Array, field: number): Uint8Array[] {
  const found = fieldsOf(bytes).filter(([number]) => number === field);
  return found.map(([, value]) => value as Uint8Array);
}

function numberIn(bytes: Uint8Array, field: number): number {
  return Number(fieldsOf(bytes).find(([number]) => number === field)?.[1] ?? 0);
}

function statusIn(bytes: Uint8Array): FoghornError | undefined {
  const [status] = bytesIn(bytes, 7);
  if (status === undefined) return undefined;
  const message = Buffer.from(bytesIn(status, 2)[0] ?? []).toString();
  return new FoghornError(codeOfGrpcStatus(numberIn(status, 1)), message);
}

function payloadBytes(payload: Uint8Array | undefined): number {
  return payload === undefined ? 0 : (bytesIn(payload, 2)[0]?.length ?? 0);
}

function decodeSimple(bytes: Buffer): TestRequest {
  const [payload] = bytesIn(bytes, 3);
  return { sizes: [numberIn(bytes, 2)], bytes: payloadBytes(payload), status: statusIn(bytes) };
}

function decodeStreaming(bytes: Buffer): TestRequest {
  const sizes = bytesIn(bytes, 2).map((parameters) => numberIn(parameters, 1));
  return { sizes, bytes: payloadBytes(bytesIn(bytes, 3)[0]), status: statusIn(bytes) };
}

function decodeInput(bytes: Buffer): TestRequest {
  return { sizes: [], bytes: payloadBytes(bytesIn(bytes, 1)[0]), status: undefined };
}

/** A response with a payload of a size. */
function response(size: number): Uint8Array {
  const payload = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(Buffer.alloc(size));
  return new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(payload.finish()).finish();
}

function echoMetadata(call: Call): void {
  const initial = call.metadata(ECHO_INITIAL);
  if (initial !== undefined) call.addHeader(ECHO_INITIAL, initial);
  const trailing = call.binaryMetadata(ECHO_TRAILING);
  if (trailing !== undefined) call.addTrailer(ECHO_TRAILING, trailing);
}

const emptyCall: UnaryMethod = {
  kind: 'unary',
  path: `${SERVICE}/EmptyCall`,
  decode: (bytes) => bytes,
  handle: () => Promise.resolve(undefined),
  encode: () => new Uint8Array(),
};

const unaryCall: UnaryMethod<TestRequest, number> = {
  kind: 'unary',
  path: `${SERVICE}/UnaryCall`,
  decode: decodeSimple,
  async handle({ sizes, status }, call) {
    echoMetadata(call);
    await Promise.resolve();
    if (status !== undefined) throw status;
    return sizes[0] ?? 0;
  },
  encode: response,
};

class Sizes implements MessageSource<number> {
  onReady = (): void => {};
  closed = false;

  constructor(private readonly sizes: number[]) {}

  take(): number | undefined {
    const size = this.sizes.shift();
    if (size === undefined) this.closed = true;
    return size;
  }

  close(): void {
    this.closed = true;
  }
}

const streamingOutputCall: Method = {
  kind: 'server stream',
  path: `${SERVICE}/StreamingOutputCall`,
  decode: decodeStreaming,
  open: (request) => Promise.resolve(new Sizes([...(request as TestRequest).sizes])),
  encode: (size) => [response(size as number)],
};

const streamingInputCall: BidiStreamMethod<TestRequest> = {
  kind: 'bidi stream',
  path: `${SERVICE}/StreamingInputCall`,
  decode: decodeInput,
  open(_call, responses): RequestHandler<TestRequest> {
    let total = 0;
    return {
      take({ bytes }) {
        total += bytes;
      },
      end() {
        const answer = new BinaryWriter().tag(1, WireType.Varint).int32(total).finish();
        void responses.send(answer).then(() => {
          responses.end();
        });
      },
    };
  },
};

const fullDuplexCall: BidiStreamMethod<TestRequest> = {
  kind: 'bidi stream',
  path: `${SERVICE}/FullDuplexCall`,
  decode: decodeStreaming,
  open(call: Call, responses: ResponseStream): RequestHandler<TestRequest> {
    echoMetadata(call);
    let sent = Promise.resolve();
    return {
      take({ sizes, status }) {
        for (const size of sizes) sent = sent.then(() => responses.send(response(size)));
        if (status !== undefined) responses.fail(status);
      },
      end() {
        void sent.then(() => {
          responses.end();
        });
      },
    };
  },
};

export const INTEROP_METHODS: readonly Method[] = [
  emptyCall,
  unaryCall,
  streamingOutputCall,
  streamingInputCall,
  fullDuplexCall,
];
