import { gzipSync } from 'node:zlib';
import type { ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { expect } from 'chai';
import { FoghornError } from '../../../../protocol/errors.js';
import {
  ForwardRequest,
  PublishRequest,
} from '../../../../protos/gen/services/events/v1/events.js';
import { exitEnvelope, exitEvent } from '../../../support/envelopes.js';
import { PublishServer, type PublishServerOptions } from '../../../support/publish-server.js';
import { readAnswer, statusIn, type RawAnswer } from '../../../support/raw-answer.js';
import { frame, type RawConnection } from '../../../support/raw-http2.js';
import { TestClient } from '../../../support/test-client.js';

const PUBLISH = '/containerd.services.events.v1.Events/Publish';
const FORWARD = '/containerd.services.events.v1.Events/Forward';
const DEFAULT = { 'containerd-namespace': 'default' };
const [OK, UNKNOWN_CONTENT, INVALID, DEADLINE, FAILED, UNIMPLEMENTED, INTERNAL, EXHAUSTED] = [
  0, 415, 3, 4, 9, 12, 13, 8,
];

const publication = (topic: string): Uint8Array =>
  PublishRequest.encode({ topic, event: exitEvent(1) }).finish();
const GOOD = publication('/tasks/exit');
const NOT_ONE = 'request message for server streaming method';

/** A request, sent piece by piece, and its expected status. */
interface Request {
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly pieces: readonly Uint8Array[];
  readonly code: number;
  readonly details?: string;
}

function publish(message: Uint8Array, headers: OutgoingHttpHeaders, code: number): Request {
  return { pieces: [frame(message)], headers, code };
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
const UNDECODABLE = frame(Buffer.from('ffffffff', 'hex'));

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
  'a namespace that no metadata may have': publish(GOOD, { 'containerd-namespace': 'é' }, FAILED),
  'a bad namespace': publish(GOOD, { 'containerd-namespace': 'a b' }, INVALID),
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
  'a message that cannot be decoded': {
    pieces: [UNDECODABLE],
    code: INTERNAL,
    details: 'Error deserializing request',
  },
  'an envelope that cannot be decoded': { path: FORWARD, pieces: [UNDECODABLE], code: INTERNAL },
  'a message that is too large': {
    pieces: [prefixOf(16 * 1024 * 1024 + 1), new Uint8Array(100_000)],
    code: EXHAUSTED,
    details: 'Received message larger than max (16777217 vs 16777216)',
  },
  'nothing at all': {
    pieces: [],
    code: UNIMPLEMENTED,
    details: `Received no ${NOT_ONE} ${PUBLISH}`,
  },
  'half a prefix': { pieces: [prefixOf(10).subarray(0, 3)], code: UNIMPLEMENTED },
  'half a message': { pieces: [frame(GOOD).subarray(0, 50)], code: UNIMPLEMENTED },
  'two messages': {
    pieces: [frame(GOOD), frame(GOOD)],
    headers: DEFAULT,
    code: UNIMPLEMENTED,
    details: `Received a second ${NOT_ONE} ${PUBLISH}`,
  },
  'two messages in one piece': {
    pieces: [Buffer.concat([frame(GOOD), frame(GOOD)])],
    headers: DEFAULT,
    code: UNIMPLEMENTED,
  },
  'a message, and one that cannot be decoded': {
    pieces: [frame(GOOD), UNDECODABLE],
    headers: DEFAULT,
    code: INTERNAL,
  },
  'a message, and half of another': {
    pieces: [frame(GOOD), frame(GOOD).subarray(0, 50)],
    headers: DEFAULT,
    code: OK,
  },
  'a message that says it is compressed, without an encoding': {
    pieces: [flagged(GOOD, 1)],
    headers: DEFAULT,
    code: OK,
  },
  'a message with an unknown flag': {
    pieces: [flagged(GOOD, 255)],
    headers: DEFAULT,
    code: OK,
  },
  'a compressed message': {
    pieces: [flagged(gzipSync(GOOD), 1)],
    headers: { ...DEFAULT, 'grpc-encoding': 'gzip' },
    code: OK,
  },
  'a message in an unknown encoding': {
    pieces: [flagged(GOOD, 1)],
    headers: { ...DEFAULT, 'grpc-encoding': 'zstd' },
    code: UNIMPLEMENTED,
  },
  'a content type with a suffix': publish(
    GOOD,
    { ...DEFAULT, 'content-type': 'application/grpc+proto' },
    OK,
  ),
  'another content type': publish(
    GOOD,
    { ...DEFAULT, 'content-type': 'text/plain' },
    UNKNOWN_CONTENT,
  ),
  'another method': publish(GOOD, { ...DEFAULT, ':method': 'PUT' }, OK),
  'time enough': publish(GOOD, { ...DEFAULT, 'grpc-timeout': '1H' }, OK),
  'more time than a timer has': publish(GOOD, { ...DEFAULT, 'grpc-timeout': '99999999H' }, OK),
  'a malformed time limit': publish(GOOD, { ...DEFAULT, 'grpc-timeout': 'soon' }, INTERNAL),
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

describe('a unary call beside grpc-js', () => {
  let past: PublishServer;
  let through: PublishServer;

  async function startBoth(options: Omit<PublishServerOptions, 'past'> = {}): Promise<void> {
    past = await PublishServer.start({ past: true, ...options });
    through = await PublishServer.start({ past: false, ...options });
  }
  afterEach(() => {
    past.stop();
    through.stop();
  });

  /** The answer of both servers, which must be the same. */
  async function answerOfBoth(request: Request): Promise<RawAnswer> {
    const [one, other] = await Promise.all(
      [past, through].map((server) => readAnswer(send(server.connect(), request))),
    );
    expect(one).to.deep.equal(other);
    return one!;
  }

  for (const [name, request] of Object.entries(REQUESTS)) {
    it(`gets the same answer as through it: ${name}`, async () => {
      await startBoth();
      const answer = await answerOfBoth(request);
      if (request.code === UNKNOWN_CONTENT) {
        expect(answer.headers).to.include({ ':status': request.code });
        return;
      }
      const { code, details } = statusIn(answer);
      expect(code).to.equal(request.code);
      if (request.details !== undefined) expect(details).to.equal(request.details);
      expect(answer.body).to.deep.equal(Buffer.alloc(code === OK ? 5 : 0));
      const { last } = await past.broker.describe();
      expect(last === undefined).to.equal(code !== OK);
    });
  }

  it('ends at its deadline, and ignores a later result', async () => {
    const late: (() => void)[] = [];
    await startBoth({
      accept: () =>
        new Promise((resolve) =>
          late.push(() => {
            resolve(undefined);
          }),
        ),
    });
    const headers = { ...DEFAULT, 'grpc-timeout': '10m' };
    expect(statusIn(await answerOfBoth(publish(GOOD, headers, DEADLINE)))).to.deep.equal({
      code: DEADLINE,
      details: 'Deadline exceeded',
    });
    for (const answer of late) answer();
    expect(late).to.have.lengthOf(2);
  });

  it('ends at its deadline within its request', async () => {
    await startBoth();
    const headers = { ...DEFAULT, 'grpc-timeout': '10m' };
    const answers = [past, through].map((server) => {
      const stream = server.connect().open(PUBLISH, headers);
      stream.write(frame(GOOD).subarray(0, 50));
      stream.on('end', () => stream.end());
      return readAnswer(stream);
    });
    const [one, other] = await Promise.all(answers);
    expect(one).to.deep.equal(other);
    expect(statusIn(one!).code).to.equal(DEADLINE);
  });

  it('shows only the id of an internal error', async () => {
    await startBoth({ accept: () => Promise.reject(new Error('a secret')) });
    for (const server of [past, through]) {
      const answer = await readAnswer(send(server.connect(), publish(GOOD, DEFAULT, INTERNAL)));
      const { code, details } = statusIn(answer);
      expect(code).to.equal(INTERNAL);
      expect(details).to.match(/^internal error \(id [0-9a-f]{8}\): see the broker's log$/);
    }
  });

  it('looks the same to a grpc-js client', async () => {
    await startBoth({
      accept: ({ topic }) =>
        topic === '/ok'
          ? Promise.resolve()
          : Promise.reject(new FoghornError('NOT_FOUND', 'a ü%\n')),
    });
    const seen = await Promise.all(
      [past, through].map(async ({ address }) => {
        const client = new TestClient(address);
        const response = await client.call(PUBLISH, publication('/ok'), DEFAULT);
        const error: unknown = await client
          .publish('/no', undefined)
          .catch((reason: unknown) => reason);
        client.close();
        const { code, details } = error as { code: number; details: string };
        return { response, code, details };
      }),
    );
    const expected = { response: Buffer.alloc(0), code: 5, details: 'a ü%\n' };
    expect(seen).to.deep.equal([expected, expected]);
  });
});
