import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FoghornError } from '../../protocol/errors.js';
import { Envelope } from '../../protos/gen/containerd/types/event.js';
import type { ServeOptions } from '../../server/options.js';
import { exitEnvelope, numberOf } from '../support/envelopes.js';
import { expectRefusal } from '../support/refusal.js';
import { forwardAll, range } from '../support/history-seed.js';
import { entriesOf } from '../support/responses.js';
import { TestServer } from '../support/test-server.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;
const USER_TYPES = join(import.meta.dirname, '../protocol/user-types');

describe('a server', () => {
  let directory: string;
  let store: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-server-'));
    store = `lmdb:${directory}/history`;
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  async function refusal(options: Partial<ServeOptions>): Promise<FoghornError> {
    try {
      await (await TestServer.start(options)).stop();
    } catch (error) {
      expect(error).to.be.instanceOf(FoghornError);
      return error as FoghornError;
    }
    return expect.fail('it started');
  }

  it('has its history again after a restart, and continues it', async () => {
    for (const round of [0, 1, 2]) {
      const server = await TestServer.start({ store });
      const client = server.client();
      await forwardAll(
        client,
        range(round * 10 + 1, round * 10 + 10).map((n) => exitEnvelope(n)),
      );
      const all = await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
      expect(entriesOf(all).map(numberOf)).to.deep.equal(range(1, round * 10 + 10));
      await server.stop();
    }
  });

  it('forgets a history in memory', async () => {
    const epochs: string[] = [];
    for (let round = 0; round < 2; round++) {
      const server = await TestServer.start();
      const client = server.client();
      await client.forward(exitEnvelope(1));
      const { epoch, entryCount } = await client.describe();
      expect(entryCount).to.equal(1n);
      epochs.push(epoch);
      await server.stop();
    }
    expect(epochs[0]).to.not.equal(epochs[1]);
  });

  it('may be stopped twice', async () => {
    const server = await TestServer.start({ store });
    await Promise.all([server.drain(), server.drain()]);
    await server.stop();
  });

  it('refuses an unknown store', async () => {
    for (const url of ['', 'memory', 'lmdb:', 'redis', 'file:///tmp/x']) {
      const { code, message } = await refusal({ store: url });
      expect(code).to.equal('INVALID_ARGUMENT');
      expect(message).to.contain(`unknown store ${JSON.stringify(url)}`);
    }
  });

  it('refuses a store that another server has open, without effect on that', async () => {
    const server = await TestServer.start({ store });
    expect(await refusal({ store })).to.include({ code: 'FAILED_PRECONDITION' });
    await server.client().forward(exitEnvelope(1));
    await server.stop();
  });

  it('releases its store when it cannot listen', async () => {
    const grpc = [`unix://${directory}/a.sock`, 'nonsense'];
    expect(await refusal({ store, grpc })).to.include({ code: 'INVALID_ARGUMENT' });
    expect(existsSync(`${directory}/a.sock`)).to.equal(false);
    await (await TestServer.start({ store, grpc: grpc.slice(0, 1) })).stop();
  });

  it('refuses missing directories of .proto files', async () => {
    const { message } = await refusal({ protoDirs: [`${directory}/none`] });
    expect(message).to.contain(`${directory}/none`);
  });

  it('filters by the payload types of its users', async () => {
    const server = await TestServer.start({ protoDirs: [USER_TYPES] });
    const client = server.client();
    const stream = client.subscribe(['event.text==x', 'event.container_id==c7']);
    await stream.headers;
    const sample = (text: string) => ({
      typeUrl: 'sample.v1.Sample',
      // Field 6, a string.
      value: Buffer.concat([Buffer.of(0x32, text.length), Buffer.from(text)]),
    });
    await client.publish('/sample/other', sample('y'));
    await client.publish('/sample/wanted', sample('x'));
    await client.forward(exitEnvelope(7));
    const events = await stream.when(({ length }) => length === 2);
    const topics = events.map((bytes) => Envelope.decode(bytes).topic);
    expect(topics).to.deep.equal(['/sample/wanted', '/tasks/exit']);
    stream.cancel();
    await server.stop();
  });

  it('answers no calls once it has stopped', async () => {
    const server = await TestServer.start({ store });
    const client = server.client();
    await client.describe();
    await server.drain();
    await expectRefusal(client.describe(), 14);
    await server.stop();
  });
});
