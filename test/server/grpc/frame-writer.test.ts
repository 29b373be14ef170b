import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import { expect } from 'chai';
import {
  FrameCache,
  callWriter,
  frameWriter as frameWriterOf,
  innerStream,
  type ByteStreamCall,
  type FrameWriter,
} from '../../../server/grpc/frame-writer.js';
import { frame, RawConnection } from '../../support/raw-http2.js';

const frames = new FrameCache();
const frameWriter = (call: ByteStreamCall): FrameWriter => frameWriterOf(call, frames);

const asIs = (bytes: Buffer): Buffer => bytes;
const STREAM = {
  path: '/test.Bytes/Stream',
  requestStream: false,
  responseStream: true,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
} as const;

/** Sizes around the limits of HTTP/2 frames, of gathered writes and of windows. */
const SIZES = [0, 1, 5, 16_379, 16_384, 65_535, 262_139, 262_140, 262_144, 1_000_000, 3, 0, 7];

function messagesOf(sizes: readonly number[]): Buffer[] {
  return sizes.map((size, at) => Buffer.alloc(size, at + 1));
}

/** Resolves when the messages are written and there is room for more. */
function written(writer: FrameWriter, messages: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    if (writer.write(messages, resolve)) resolve();
  });
}

describe('writers of encoded messages', () => {
  let directory: string;
  let address: string;
  let server: Server;
  let handle: (call: ByteStreamCall) => Promise<void>;
  let connection: RawConnection;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-frames-'));
    address = `unix://${directory}/s.sock`;
    server = new Server();
    server.addService(
      { stream: STREAM },
      {
        stream: (call: ByteStreamCall) => {
          call.sendMetadata(new Metadata());
          void handle(call);
        },
      },
    );
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    connection = new RawConnection(address);
  });
  afterEach(() => {
    connection.kill();
    server.forceShutdown();
    rmSync(directory, { recursive: true });
  });

  /** The bytes that a client gets, and the status. */
  async function receive(
    writerOf: (call: ByteStreamCall) => FrameWriter,
    batches: readonly Buffer[][],
  ): Promise<{ bytes: Buffer; status: unknown }> {
    handle = async (call) => {
      const writer = writerOf(call);
      for (const batch of batches) await written(writer, batch);
      call.end();
    };
    const stream = connection.call(STREAM.path, new Uint8Array());
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    const trailers = once(stream, 'trailers') as Promise<[Record<string, string>]>;
    await once(stream, 'end');
    const [{ 'grpc-status': status }] = await trailers;
    return { bytes: Buffer.concat(chunks), status };
  }

  it('find the HTTP/2 stream in this version of grpc-js', async () => {
    let found = false;
    handle = (call) => {
      found = innerStream(call) !== undefined;
      call.end();
      return Promise.resolve();
    };
    const stream = connection.call(STREAM.path, new Uint8Array()).resume();
    await once(stream, 'end');
    expect(found).to.equal(true);
  });

  it('write the same bytes with and without grpc-js', async () => {
    const batches = [messagesOf(SIZES), [], messagesOf([2]), messagesOf(SIZES).reverse()];
    const framed = await receive(frameWriter, batches);
    const called = await receive(callWriter, batches);
    expect(framed.bytes.equals(Buffer.concat(batches.flat().map(frame)))).to.equal(true);
    expect(called.bytes.equals(framed.bytes)).to.equal(true);
    expect([framed.status, called.status]).to.deep.equal(['0', '0']);
  });

  it('distinguish messages that recur, in another order, fewer or more', async () => {
    const [a, b, c] = messagesOf([10, 10, 300_000]) as [Buffer, Buffer, Buffer];
    const batches = [[a, b], [a, b], [a], [a], [b, a], [a, b, a], [b], [c], [c], [c, a, b], [a, b]];
    const framed = await receive(frameWriter, batches);
    expect(framed.bytes.equals(Buffer.concat(batches.flat().map(frame)))).to.equal(true);
  });

  it('fall back to grpc-js when its calls have no such stream', () => {
    for (const call of [
      {},
      { call: {} },
      { call: { stream: {} } },
      { call: { stream: { id: 1 } } },
    ]) {
      expect(innerStream(call as unknown as ByteStreamCall)).to.equal(undefined);
    }
  });

  for (const [name, writerOf] of Object.entries({ frameWriter, callWriter })) {
    it(`${name} waits for a reader that does not read, and stops when it disconnects`, async () => {
      let count = 0;
      const done = new Promise<void>((resolve) => {
        handle = async (call) => {
          const writer = writerOf(call);
          const batch = messagesOf([100_000]);
          while (!call.cancelled) {
            await written(writer, batch);
            count += 1;
          }
          await written(writer, batch);
          resolve();
        };
      });
      const stream = connection.call(STREAM.path, new Uint8Array());
      await once(stream, 'response');
      // Enough ticks for a writer that does not wait.
      for (let i = 0; i < 1000; i++) await new Promise(setImmediate);
      expect(count).to.be.below(20);
      connection.kill();
      await done;
    });
  }
});
