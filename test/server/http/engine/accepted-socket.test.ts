import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect } from 'chai';
import { readInto } from '../../../../server/http/engine/accepted-socket.js';
import { ReadBuffer, sharedMemory } from '../../../../server/http/engine/read-buffer.js';

describe('an accepted connection that is read into a buffer', () => {
  let client: Socket;
  let moved: Socket;
  let buffer: ReadBuffer;
  let closed: Promise<unknown>;

  beforeEach(async () => {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [accepted] = (await once(server, 'connection')) as [Socket];
    closed = once(server, 'close');
    server.close();
    buffer = new ReadBuffer(sharedMemory());
    moved = readInto(accepted, buffer) ?? expect.fail('this Node has no connection to move');
  });
  afterEach(() => {
    client.destroy();
    moved.destroy();
  });

  /** Resolves with the memory of each read, until so many bytes have arrived. */
  function memoryOfReads(count: number): Promise<ArrayBufferLike[]> {
    const memory: ArrayBufferLike[] = [];
    let left = count;
    return new Promise((resolve) => {
      buffer.passTo((bytes) => {
        memory.push(bytes.buffer);
        left -= bytes.length;
        if (left === 0) resolve(memory);
        return true;
      });
    });
  }

  it('gives all bytes, and reads large ones into the same memory again', async () => {
    const size = 16 * 1024 * 1024;
    const reads = memoryOfReads(size);
    client.write(Buffer.alloc(size));
    const memory = await reads;
    expect(memory.length).to.be.above(50);
    expect(new Set(memory).size).to.be.below(memory.length / 4);
  });

  it('has the address of its client, answers it, and ends as it does', async () => {
    expect(moved.remoteAddress).to.equal('127.0.0.1');
    moved.write('answer');
    expect(String((await once(client, 'data'))[0])).to.equal('answer');
    moved.resume();
    client.end();
    await once(moved, 'end');
    expect(moved.writable).to.equal(true);
  });

  it('is no longer counted by its server', () => closed);
});
