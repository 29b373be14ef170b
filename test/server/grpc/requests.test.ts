import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { BROKER } from '../../../server/access/caller.js';
import { FoghornError } from '../../../protocol/errors.js';
import {
  ForwardRequest,
  PublishRequest,
} from '../../../protos/gen/containerd/services/events/v1/events.js';
import { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { exitEnvelope, exitEvent } from '../../support/envelopes.js';
import { PublishServer, type PublishServerOptions } from '../../support/publish-server.js';
import { readAnswer, statusIn } from '../../support/raw-answer.js';
import { frame, type RawConnection } from '../../support/raw-http2.js';
import { TestClient } from '../../support/test-client.js';
import { WIRE_NAMES } from '../../support/wires.js';

const PUBLISH = '/containerd.services.events.v1.Events/Publish';
const FORWARD = '/containerd.services.events.v1.Events/Forward';
const DEFAULT = { 'containerd-namespace': 'default' };
const [OK, UNKNOWN, INVALID, DEADLINE, EXHAUSTED, FAILED, UNIMPLEMENTED, INTERNAL] = [
  0, 2, 3, 4, 8, 9, 12, 13,
];

const publication = (topic: string): Uint8Array =>
  PublishRequest.encode({ topic, event: exitEvent(1) }).finish();
const GOOD = publication('/tasks/exit');

/** A request, sent piece by piece, and its expected status. */
interface Request {
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly pieces: readonly Uint8Array[];
  readonly code: number;
  /** Part of the expected text. */
  readonly details?: string;
  /** 200 if it is missing. */
  readonly httpStatus?: number;
}

function publish(
  message: Uint8Array,
  headers: OutgoingHttpHeaders,
  code: number,
  details?: string,
): Request {
  const text = details === undefined ? {} : { details };
  return { pieces: [frame(message)], headers, code, ...text };
}

function flagged(message: Uint8Array, flag: number): Buffer {
  const bytes = frame(message);
  bytes[0] = flag;
  return bytes;
}

function piecesOf(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
}

const forwardOf = (...args: Parameters<typeof exitEnvelope>): Uint8Array =>
  ForwardRequest.encode({ envelope: exitEnvelope(...args) }).finish();
const prefixOf = (length: number): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return prefix;
};
const ENVELOPE = Envelope.encode(exitEnvelope(4)).finish();
/** An empty field with the number 0. */
const FIELD_0 = Buffer.from('0200', 'hex');
const UNDECODABLE = frame(Buffer.from('ffffffff', 'hex'));

/** A ForwardRequest with these bytes as its envelope. */
function forwardAround(...envelope: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(envelope);
  return new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(bytes).finish();
}

/** A ForwardRequest with two envelopes: one has the names, the other one the rest. */
function forwardInParts({ timestamp, namespace, topic, event }: Envelope): Uint8Array {
  const names = { timestamp: undefined, namespace, topic, event: undefined };
  const rest = { timestamp, namespace: '', topic: '', event };
  const parts = [names, rest].map((part) => forwardAround(Envelope.encode(part).finish()));
  return Buffer.concat(parts);
}

/** The statuses and texts are containerd's, unless a comment says otherwise. */
const REQUESTS: Readonly<Record<string, Request>> = {
  'a publication': publish(GOOD, DEFAULT, OK),
  'a publication without an event': publish(
    PublishRequest.encode({ topic: '/x', event: undefined }).finish(),
    DEFAULT,
    OK,
  ),
  'an envelope': { path: FORWARD, pieces: [frame(forwardOf(1))], code: OK },
  'a message byte by byte': { pieces: piecesOf(frame(GOOD), 1), headers: DEFAULT, code: OK },
  'a message of many frames': {
    path: FORWARD,
    pieces: [
      frame(forwardOf(2, { event: { typeUrl: 'example.com/x', value: Buffer.alloc(1e6, 1) } })),
    ],
    code: OK,
  },
  'a publication with an id': publish(GOOD, { ...DEFAULT, 'foghorn-publish-id': 'a' }, OK),
  'a publication with an id that is too long': publish(
    GOOD,
    { ...DEFAULT, 'foghorn-publish-id': 'a'.repeat(1000) },
    INVALID,
  ),
  'no namespace': publish(GOOD, {}, FAILED),
  'an empty namespace': publish(GOOD, { 'containerd-namespace': '' }, FAILED),
  'a namespace that is not ASCII': publish(
    GOOD,
    { 'containerd-namespace': Buffer.from('é').toString('latin1') },
    INVALID,
    'failed publishing event: namespace validation: identifier "é" must match',
  ),
  // containerd shows the byte as \xe9.
  'a namespace that is no UTF-8': publish(
    GOOD,
    { 'containerd-namespace': 'é' },
    INVALID,
    'failed publishing event: namespace validation: identifier "\ufffd" must match',
  ),
  'a bad namespace': publish(
    GOOD,
    { 'containerd-namespace': 'a b' },
    INVALID,
    'failed publishing event: namespace validation: identifier "a b" must match',
  ),
  'two namespaces in one value': publish(
    GOOD,
    { 'containerd-namespace': 'default, other' },
    INVALID,
    'failed publishing event: namespace validation: identifier "default, other" must match',
  ),
  'a bad namespace after a good one': publish(
    GOOD,
    { 'containerd-namespace': ['default', 'a b'] },
    OK,
  ),
  'a bad namespace before a good one': publish(
    GOOD,
    { 'containerd-namespace': ['a b', 'default'] },
    INVALID,
  ),
  'a bad topic': publish(publication('tasks'), DEFAULT, INVALID),
  'a topic that shows in the text only encoded': publish(
    publication('/ü 😀%d\n"\\%25'),
    DEFAULT,
    INVALID,
  ),
  'a topic longer than a text may be': publish(
    publication(`/${'😀'.repeat(9000)}`),
    DEFAULT,
    INVALID,
  ),
  'an envelope with a bad namespace': {
    path: FORWARD,
    pieces: [frame(forwardOf(1, { namespace: 'a b' }))],
    code: INVALID,
  },
  'no envelope': { path: FORWARD, pieces: [frame(new Uint8Array())], code: INVALID },
  'an envelope in two parts': {
    path: FORWARD,
    pieces: [frame(forwardInParts(exitEnvelope(3)))],
    code: OK,
  },
  'an envelope with a field of number 0': {
    path: FORWARD,
    pieces: [frame(forwardAround(ENVELOPE, FIELD_0))],
    code: INTERNAL,
    details: 'grpc: error unmarshalling request: proto: Envelope: illegal tag 0 (wire type 2)',
  },
  'a field of number 0': publish(
    Buffer.concat([GOOD, FIELD_0]),
    DEFAULT,
    INTERNAL,
    'grpc: error unmarshalling request: proto: PublishRequest: illegal tag 0 (wire type 2)',
  ),
  'a number in place of a topic': publish(
    Buffer.from('0805', 'hex'),
    DEFAULT,
    INTERNAL,
    'grpc: error unmarshalling request: proto: wrong wireType = 0 for field Topic',
  ),
  'the end of a group that never began': publish(
    Buffer.concat([GOOD, Buffer.from('1c', 'hex')]),
    DEFAULT,
    INTERNAL,
    'grpc: error unmarshalling request: proto: PublishRequest: wiretype end group for non-group',
  ),
  'fields that a publication does not have': publish(
    Buffer.concat([GOOD, Buffer.from('48054d000000004900000000000000005202ffff5b5c', 'hex')]),
    DEFAULT,
    OK,
  ),
  'a message that cannot be decoded': {
    pieces: [UNDECODABLE],
    code: INTERNAL,
    details: 'grpc: error unmarshalling request: unexpected EOF',
  },
  'an envelope that cannot be decoded': { path: FORWARD, pieces: [UNDECODABLE], code: INTERNAL },
  'a message that is too large': {
    pieces: [prefixOf(16 * 1024 * 1024 + 1), new Uint8Array(100_000)],
    code: EXHAUSTED,
    details: 'grpc: received message larger than max (16777217 vs. 16777216)',
  },
  'nothing at all': { pieces: [], code: UNKNOWN, details: 'EOF' },
  'half a prefix': {
    pieces: [prefixOf(10).subarray(0, 3)],
    code: UNKNOWN,
    details: 'unexpected EOF',
  },
  'half a message': {
    pieces: [frame(GOOD).subarray(0, 50)],
    code: UNKNOWN,
    details: 'unexpected EOF',
  },
  'two messages': { pieces: [frame(GOOD), frame(GOOD)], headers: DEFAULT, code: OK },
  'two messages in one piece': {
    pieces: [Buffer.concat([frame(GOOD), frame(GOOD)])],
    headers: DEFAULT,
    code: OK,
  },
  'a message, and one that cannot be decoded': {
    pieces: [frame(GOOD), UNDECODABLE],
    headers: DEFAULT,
    code: OK,
  },
  'a message, and half of another': {
    pieces: [frame(GOOD), frame(GOOD).subarray(0, 50)],
    headers: DEFAULT,
    code: OK,
  },
  'a message that says it is compressed, without an encoding': {
    pieces: [flagged(GOOD, 1)],
    headers: DEFAULT,
    code: INTERNAL,
    details: 'grpc: compressed flag set with identity or empty encoding',
  },
  'a message with an unknown flag': {
    pieces: [flagged(GOOD, 255)],
    headers: DEFAULT,
    code: INTERNAL,
    details: 'grpc: received unexpected payload format 255',
  },
  // containerd has no decompressor.
  'a message compressed by gzip': {
    pieces: [flagged(gzipSync(GOOD), 1)],
    headers: { ...DEFAULT, 'grpc-encoding': 'gzip' },
    code: OK,
  },
  'a message compressed by deflate, byte by byte': {
    pieces: piecesOf(flagged(deflateSync(GOOD), 1), 1),
    headers: { ...DEFAULT, 'grpc-encoding': 'deflate' },
    code: OK,
  },
  'a message that is not compressed, in a call that may compress': {
    pieces: [frame(GOOD)],
    headers: { ...DEFAULT, 'grpc-encoding': 'gzip' },
    code: OK,
  },
  'a compressed message that is cut off': {
    pieces: [flagged(gzipSync(GOOD).subarray(0, 30), 1)],
    headers: { ...DEFAULT, 'grpc-encoding': 'gzip' },
    code: INTERNAL,
    details: 'grpc: failed to decompress the received message: unexpected end of file',
  },
  'a small message that decompresses to a large one': {
    pieces: [flagged(gzipSync(Buffer.alloc(17 * 1024 * 1024)), 1)],
    headers: { ...DEFAULT, 'grpc-encoding': 'gzip' },
    code: EXHAUSTED,
  },
  'a message in an unknown encoding': {
    pieces: [flagged(GOOD, 1)],
    headers: { ...DEFAULT, 'grpc-encoding': 'zstd' },
    code: UNIMPLEMENTED,
    details: 'grpc: Decompressor is not installed for grpc-encoding "zstd"',
  },
  'a content type with a suffix': publish(
    GOOD,
    { ...DEFAULT, 'content-type': 'application/grpc+proto' },
    OK,
  ),
  'a content type with parameters': publish(
    GOOD,
    { ...DEFAULT, 'content-type': 'application/grpc;charset=utf-8' },
    OK,
  ),
  // containerd 1.6 resets the stream, which its clients show as INTERNAL, too.
  'another content type': {
    ...publish(GOOD, { ...DEFAULT, 'content-type': 'text/plain' }, INTERNAL),
    httpStatus: 415,
  },
  'a content type that only begins like that of gRPC': {
    ...publish(GOOD, { ...DEFAULT, 'content-type': 'application/grpcfoo' }, INTERNAL),
    httpStatus: 415,
  },
  'another method': publish(GOOD, { ...DEFAULT, ':method': 'PUT' }, OK),
  'an unknown method of a service': {
    ...publish(GOOD, DEFAULT, UNIMPLEMENTED),
    path: '/containerd.services.events.v1.Events/Nope',
    details: 'unknown method Nope for service containerd.services.events.v1.Events',
  },
  'an unknown service': {
    ...publish(GOOD, DEFAULT, UNIMPLEMENTED),
    path: '/no.Service/Call',
    details: 'unknown service no.Service',
  },
  // containerd 1.6 answers RESOURCE_EXHAUSTED, later versions this.
  'a path without a method': {
    ...publish(GOOD, DEFAULT, UNIMPLEMENTED),
    path: '/x',
    details: 'malformed method name: "/x"',
  },
  'time enough': publish(GOOD, { ...DEFAULT, 'grpc-timeout': '1H' }, OK),
  'more time than a timer has': publish(GOOD, { ...DEFAULT, 'grpc-timeout': '99999999H' }, OK),
  // containerd 1.6 may handle such a call before it looks.
  'no time': publish(GOOD, { ...DEFAULT, 'grpc-timeout': '0S' }, DEADLINE),
  'less than no time': publish(GOOD, { ...DEFAULT, 'grpc-timeout': '-1S' }, DEADLINE),
  // containerd 1.6 resets the stream, which its clients show as INTERNAL, too.
  'a malformed time limit': {
    ...publish(GOOD, { ...DEFAULT, 'grpc-timeout': 'soon' }, INTERNAL),
    httpStatus: 400,
  },
  'a time limit of nine digits': {
    ...publish(GOOD, { ...DEFAULT, 'grpc-timeout': '123456789S' }, INTERNAL),
    httpStatus: 400,
    details: 'malformed grpc-timeout: "123456789S"',
  },
};

function send(
  connection: RawConnection,
  { path = PUBLISH, headers, pieces }: Request,
): ClientHttp2Stream {
  const stream = connection.open(path, headers);
  // Sends each piece in a frame of its own.
  const next = (at: number): void => {
    const piece = pieces[at];
    if (piece === undefined) stream.end();
    else stream.write(piece, () => setImmediate(next, at + 1));
  };
  next(0);
  return stream;
}

for (const wire of WIRE_NAMES) {
  describe(`a request over the HTTP/2 server "${wire}" is answered as by containerd`, () => {
    let server: PublishServer;

    before(async () => {
      server = await PublishServer.start({ wire });
    });
    after(() => server.stop());

    async function stored(): Promise<number> {
      return (await server.broker.describe(BROKER)).last?.offset ?? 0;
    }

    for (const [name, request] of Object.entries(REQUESTS)) {
      it(name, async () => {
        const before = await stored();
        const answer = await readAnswer(send(server.connect(), request));
        const { code, details } = statusIn(answer);
        expect(code, details).to.equal(request.code);
        if (request.details !== undefined) expect(details).to.contain(request.details);
        expect(answer.headers).to.include({ ':status': request.httpStatus ?? 200 });
        expect(answer.body).to.deep.equal(Buffer.alloc(code === OK ? 5 : 0));
        expect((await stored()) - before).to.equal(code === OK ? 1 : 0);
      });
    }
  });

  describe(`a unary call over the HTTP/2 server "${wire}"`, () => {
    let server: PublishServer;

    async function start(options: Omit<PublishServerOptions, 'wire'> = {}): Promise<void> {
      server = await PublishServer.start({ wire, ...options });
    }
    afterEach(() => server.stop());

    it('ends at its deadline, and ignores a later result', async () => {
      let late = (): void => {};
      await start({ accept: () => new Promise<void>((resolve) => (late = resolve)) });
      const headers = { ...DEFAULT, 'grpc-timeout': '10m' };
      const answer = await readAnswer(send(server.connect(), publish(GOOD, headers, DEADLINE)));
      const expected = { code: DEADLINE, details: 'context deadline exceeded' };
      expect(statusIn(answer)).to.deep.equal(expected);
      late();
    });

    it('ends at its deadline within its request', async () => {
      await start();
      const headers = { ...DEFAULT, 'grpc-timeout': '10m' };
      const stream = server.connect().open(PUBLISH, headers);
      stream.write(frame(GOOD).subarray(0, 50));
      expect(statusIn(await readAnswer(stream)).code).to.equal(DEADLINE);
    });

    it('shows only the id of an internal error', async () => {
      await start({ accept: () => Promise.reject(new Error('a secret')) });
      const answer = await readAnswer(send(server.connect(), publish(GOOD, DEFAULT, INTERNAL)));
      const { code, details } = statusIn(answer);
      expect(code).to.equal(INTERNAL);
      expect(details).to.match(/^internal error \(id [0-9a-f]{8}\): see the broker's log$/);
    });

    it('is answered when its request is complete, although its stream is open', async () => {
      await start();
      const stream = server.connect().open(PUBLISH, DEFAULT);
      stream.write(frame(GOOD));
      expect(statusIn(await readAnswer(stream)).code).to.equal(OK);
    });

    it('shows a grpc-js client its response and its error', async () => {
      await start({
        accept: ({ topic }) =>
          topic === '/ok'
            ? Promise.resolve()
            : Promise.reject(new FoghornError('NOT_FOUND', 'a ü%\n')),
      });
      const client = new TestClient(server.address);
      const response = await client.call(PUBLISH, publication('/ok'), DEFAULT);
      expect(response).to.deep.equal(Buffer.alloc(0));
      const error: unknown = await client
        .publish('/no', undefined)
        .catch((reason: unknown) => reason);
      client.close();
      expect(error).to.include({ code: 5, details: 'a ü%\n' });
    });
  });
}
