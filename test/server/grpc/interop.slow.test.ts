import { once } from 'node:events';
import {
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ClientDuplexStream,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect } from 'chai';
import { InteropServer } from '../../support/interop-server.js';
import { WIRE_NAMES } from '../../support/wires.js';

const SERVICE = '/grpc.testing.TestService';
const { LengthDelimited, Varint } = WireType;
const ECHO_INITIAL = 'x-grpc-test-echo-initial';
const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin';
const [CANCELLED, UNKNOWN, DEADLINE, UNIMPLEMENTED] = [1, 2, 4, 12];
const SPECIAL = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';
const EMPTY = Buffer.alloc(0);

const asIs = (bytes: Buffer): Buffer => bytes;

function message(write: (writer: BinaryWriter) => BinaryWriter): Buffer {
  return Buffer.from(write(new BinaryWriter()).finish());
}

function payload(size: number): Buffer {
  return message((writer) => writer.tag(2, LengthDelimited).bytes(Buffer.alloc(size)));
}

function status(code: number, text: string): Buffer {
  return message((writer) =>
    writer.tag(1, Varint).int32(code).tag(2, LengthDelimited).string(text),
  );
}

function simpleRequest(size: number, bytes: number): Buffer {
  return message((writer) =>
    writer.tag(2, Varint).int32(size).tag(3, LengthDelimited).bytes(payload(bytes)),
  );
}

function withStatus(code: number, text: string): Buffer {
  return message((writer) => writer.tag(7, LengthDelimited).bytes(status(code, text)));
}

/** A StreamingOutputCallRequest. */
function outputRequest(sizes: readonly number[], bytes: number): Buffer {
  return message((writer) => {
    for (const size of sizes) {
      const parameters = message((inner) => inner.tag(1, Varint).int32(size));
      writer.tag(2, LengthDelimited).bytes(parameters);
    }
    return writer.tag(3, LengthDelimited).bytes(payload(bytes));
  });
}

/** A StreamingInputCallRequest. */
function inputRequest(bytes: number): Buffer {
  return message((writer) => writer.tag(1, LengthDelimited).bytes(payload(bytes)));
}

/** The size of a response's payload. */
function sizeOf(response: Buffer): number {
  const outer = new BinaryReader(response);
  outer.tag();
  const inner = new BinaryReader(outer.bytes());
  inner.tag();
  return inner.bytes().length;
}

for (const way of [...WIRE_NAMES, 'passed'] as const) {
  const title =
    way === 'passed' ? 'passed on to another server' : `over the HTTP/2 server "${way}"`;
  describe(`gRPC's interoperability cases with grpc-js, ${title}`, () => {
    let server: InteropServer;
    let client: Client;

    before(async () => {
      server = await InteropServer.start(way);
      client = new Client(server.unix, credentials.createInsecure(), {
        'grpc.max_receive_message_length': -1,
      });
    });
    after(async () => {
      client.close();
      await server.stop();
    });

    function unary(method: string, request: Buffer, metadata = new Metadata(), options = {}) {
      const seen: { headers?: Metadata; trailers?: Metadata } = {};
      const answer = new Promise<Buffer>((resolve, reject) => {
        const done = (error: ServiceError | null, response?: Buffer): void => {
          if (error === null) resolve(response!);
          else reject(error);
        };
        const path = method.startsWith('/') ? method : `${SERVICE}/${method}`;
        client
          .makeUnaryRequest(path, asIs, asIs, request, metadata, options, done)
          .on('metadata', (headers: Metadata) => (seen.headers = headers))
          .on('status', ({ metadata: trailers }) => (seen.trailers = trailers));
      });
      return { answer, seen };
    }

    async function failure(answer: Promise<unknown>): Promise<ServiceError> {
      return answer.then(
        () => expect.fail('the call succeeded'),
        (error: unknown) => error as ServiceError,
      );
    }

    function duplex(metadata = new Metadata(), options = {}): ClientDuplexStream<Buffer, Buffer> {
      const path = `${SERVICE}/FullDuplexCall`;
      const call = client.makeBidiStreamRequest(path, asIs, asIs, metadata, options);
      call.on('error', () => {});
      return call;
    }

    /** Resolves with any status; an error's is one, too. */
    function statusOf(call: ClientDuplexStream<Buffer, Buffer>): Promise<StatusObject> {
      return new Promise((resolve) => call.resume().once('status', resolve));
    }

    it('empty_unary', async () => {
      expect(await unary('EmptyCall', EMPTY).answer).to.deep.equal(EMPTY);
    });

    it('large_unary', async () => {
      const response = await unary('UnaryCall', simpleRequest(314_159, 271_828)).answer;
      expect(sizeOf(response)).to.equal(314_159);
    });

    it('messages of many MiB both ways', async () => {
      const size = (way === 'passed' ? 2 : 16) * 1024 * 1024 - 64;
      const response = await unary('UnaryCall', simpleRequest(size, size)).answer;
      expect(sizeOf(response)).to.equal(size);
    });

    it('client_compressed_unary and server_compressed_unary', async () => {
      const compressing = new Client(server.tcp, credentials.createInsecure(), {
        'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
      });
      const request = simpleRequest(314_159, 271_828);
      const answer = await new Promise<Buffer>((resolve, reject) => {
        const call = compressing.makeUnaryRequest(
          `${SERVICE}/UnaryCall`,
          asIs,
          asIs,
          request,
          (error, response) => {
            if (error === null) resolve(response!);
            else reject(error);
          },
        );
        call.on('error', () => {});
      });
      compressing.close();
      expect(sizeOf(answer)).to.equal(314_159);
    });

    it('client_streaming', async () => {
      const total = await new Promise<Buffer>((resolve, reject) => {
        const path = `${SERVICE}/StreamingInputCall`;
        const call = client.makeClientStreamRequest(path, asIs, asIs, (error, response) => {
          if (error === null) resolve(response!);
          else reject(error);
        });
        for (const size of [27_182, 8, 1828, 45_904]) call.write(inputRequest(size));
        call.end();
      });
      const reader = new BinaryReader(total);
      reader.tag();
      expect(reader.int32()).to.equal(74_922);
    });

    it('server_streaming', async () => {
      const sizes = [31_415, 9, 2653, 58_979];
      const path = `${SERVICE}/StreamingOutputCall`;
      const call = client.makeServerStreamRequest(path, asIs, asIs, outputRequest(sizes, 0));
      const got: number[] = [];
      for await (const response of call) got.push(sizeOf(response as Buffer));
      expect(got).to.deep.equal(sizes);
    });

    it('ping_pong', async () => {
      const call = duplex();
      for (const [size, bytes] of [
        [31_415, 27_182],
        [9, 8],
        [2653, 1828],
        [58_979, 45_904],
      ] as const) {
        call.write(outputRequest([size], bytes));
        const [response] = (await once(call, 'data')) as [Buffer];
        expect(sizeOf(response)).to.equal(size);
      }
      call.end();
      expect((await statusOf(call)).code).to.equal(0);
    });

    it('empty_stream', async () => {
      const call = duplex();
      call.end();
      expect((await statusOf(call)).code).to.equal(0);
    });

    it('cancel_after_begin', async () => {
      const error = await new Promise<ServiceError>((resolve) => {
        const path = `${SERVICE}/StreamingInputCall`;
        const call = client.makeClientStreamRequest(path, asIs, asIs, (reason) => {
          resolve(reason!);
        });
        setImmediate(() => {
          call.cancel();
        });
      });
      expect(error.code).to.equal(CANCELLED);
    });

    it('cancel_after_first_response', async () => {
      const call = duplex();
      call.write(outputRequest([31_415], 27_182));
      await once(call, 'data');
      call.cancel();
      expect((await statusOf(call)).code).to.equal(CANCELLED);
    });

    it('timeout_on_sleeping_server', async () => {
      const call = duplex(new Metadata(), { deadline: Date.now() + 50 });
      call.write(outputRequest([], 27_182));
      expect((await statusOf(call)).code).to.equal(DEADLINE);
    });

    it('custom_metadata', async () => {
      const metadata = new Metadata();
      metadata.set(ECHO_INITIAL, 'test_initial_metadata_value');
      metadata.set(ECHO_TRAILING, Buffer.from('ababab', 'hex'));
      const { answer, seen } = unary('UnaryCall', simpleRequest(314_159, 271_828), metadata);
      expect(sizeOf(await answer)).to.equal(314_159);
      expect(seen.headers!.get(ECHO_INITIAL)).to.deep.equal(['test_initial_metadata_value']);
      expect(seen.trailers!.get(ECHO_TRAILING)).to.deep.equal([Buffer.from('ababab', 'hex')]);

      const call = duplex(metadata);
      const headers = once(call, 'metadata') as Promise<[Metadata]>;
      call.write(outputRequest([314_159], 271_828));
      call.end();
      const { metadata: trailers } = await statusOf(call);
      expect((await headers)[0].get(ECHO_INITIAL)).to.deep.equal(['test_initial_metadata_value']);
      expect(trailers.get(ECHO_TRAILING)).to.deep.equal([Buffer.from('ababab', 'hex')]);
    });

    it('status_code_and_message', async () => {
      const expected = { code: UNKNOWN, details: 'test status message' };
      const request = withStatus(UNKNOWN, 'test status message');
      expect(await failure(unary('UnaryCall', request).answer)).to.include(expected);
      const call = duplex();
      call.write(request);
      expect(await statusOf(call)).to.include(expected);
    });

    it('metadata beside a status', async () => {
      const metadata = new Metadata();
      metadata.set(ECHO_TRAILING, Buffer.from('ababab', 'hex'));
      const { answer } = unary('UnaryCall', withStatus(UNKNOWN, 'no'), metadata);
      const error = await failure(answer);
      expect(error.metadata.get(ECHO_TRAILING)).to.deep.equal([Buffer.from('ababab', 'hex')]);
    });

    it('special_status_message', async () => {
      const error = await failure(unary('UnaryCall', withStatus(UNKNOWN, SPECIAL)).answer);
      expect(error).to.include({ code: UNKNOWN, details: SPECIAL });
    });

    it('unimplemented_method and unimplemented_service', async () => {
      for (const path of ['UnimplementedCall', '/grpc.testing.UnimplementedService/Call']) {
        expect((await failure(unary(path, EMPTY).answer)).code).to.equal(UNIMPLEMENTED);
      }
    });
  });
}
