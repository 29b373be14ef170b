import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Durability } from '../../../protos/gen/foghorn/v1/history.js';
import { version } from '../../../protocol/version.js';
import { parseCursor } from '../../../server/events/cursor.js';
import { exitEnvelope } from '../../support/envelopes.js';
import {
  listServices,
  REFLECTION_VERSIONS,
  watchHealth,
} from '../../support/health-and-reflection.js';
import { forwardAll, range } from '../../support/history-seed.js';
import { TestServer } from '../../support/test-server.js';
import { WIRE_NAMES } from '../../support/wires.js';

for (const http2 of WIRE_NAMES)
  describe(`the gRPC edge over the HTTP/2 server "${http2}"`, () => {
    for (const reflection of REFLECTION_VERSIONS) {
      it(`lists its services by reflection ${reflection}`, async () => {
        const server = await TestServer.start({ http2 });
        expect(await listServices(server.address, reflection)).to.include.members([
          'containerd.services.events.v1.Events',
          'containerd.services.introspection.v1.Introspection',
          'containerd.services.namespaces.v1.Namespaces',
          'containerd.services.version.v1.Version',
          'foghorn.v1.Consumers',
          'foghorn.v1.History',
          'foghorn.v1.Recorders',
        ]);
        await server.stop();
      });
    }

    it('reports itself healthy until it drains', async () => {
      const server = await TestServer.start({ http2 });
      const watch = watchHealth(server.address);
      await watch.when(({ length }) => length === 1);
      expect(watch.messages).to.deep.equal([{ status: 'SERVING' }]);
      const stopped = server.stop();
      await watch.when(({ length }) => length === 2);
      expect(watch.messages[1]).to.deep.equal({ status: 'NOT_SERVING' });
      watch.cancel();
      await stopped;
    });

    it('serves the same history on every address', async () => {
      const grpc = [0, 0].map(() => '127.0.0.1:0');
      const directory = mkdtempSync(join(tmpdir(), 'foghorn-edge-'));
      const server = await TestServer.start({
        http2,
        grpc: [`unix://${directory}/s.sock`, ...grpc],
      });
      expect(server.addresses).to.have.lengthOf(3);
      expect(new Set(server.addresses)).to.have.lengthOf(3);
      const [unix, first, second] = server.addresses.map((address) => server.client(address));
      const streams = [first!.subscribe(), second!.subscribe()];
      await Promise.all(streams.map(({ headers }) => headers));
      await unix!.forward(exitEnvelope(1));
      for (const stream of streams) await stream.when(({ length }) => length === 1);
      expect(streams[0]!.messages).to.deep.equal(streams[1]!.messages);
      for (const stream of streams) stream.cancel();
      await server.stop();
      rmSync(directory, { recursive: true });
    });
  });

describe('Describe', () => {
  it('describes an empty history in memory', async () => {
    const server = await TestServer.start();
    const { epoch, ...rest } = await server.client().describe();
    expect(epoch).to.match(/^[0-9a-f]{16}$/);
    expect(rest).to.deep.equal({
      first: undefined,
      last: undefined,
      entryCount: 0n,
      storedBytes: 0n,
      durability: Durability.DURABILITY_MEMORY,
      subscriptionCount: 0,
      version: version(),
      store: 'memory:',
      keptExitCount: 0n,
      trimmedCount: 0n,
      entryBytes: 0n,
      retention: {
        age: undefined,
        bytes: undefined,
        count: undefined,
        exitsAge: undefined,
        exitsBytes: undefined,
      },
    });
    await server.stop();
  });

  it('describes a history on disk', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-describe-'));
    const server = await TestServer.start({ store: `lmdb:${directory}` });
    const client = server.client();
    const before = BigInt(Date.now() - 1) * 1_000_000n;
    await forwardAll(
      client,
      range(1, 7).map((n) => exitEnvelope(n)),
    );
    const streams = [client.subscribe(), client.read()];
    await Promise.all(streams.map(({ headers }) => headers));

    const { first, last, storedBytes, ...rest } = await client.describe();
    expect(rest).to.include({
      entryCount: 7n,
      durability: Durability.DURABILITY_FSYNC,
      subscriptionCount: 2,
      store: `lmdb:${directory}`,
    });
    expect([first!.offset, last!.offset]).to.deep.equal([1n, 7n]);
    expect(parseCursor(last!.cursor)).to.include({ offset: 7, epoch: rest.epoch });
    const storedAt = first!.storedAt!.seconds * 1_000_000_000n + BigInt(first!.storedAt!.nanos);
    expect(storedAt >= before).to.equal(true);
    expect(Number(storedBytes)).to.be.above(0);
    await server.stop();
    rmSync(directory, { recursive: true });
  });
});
