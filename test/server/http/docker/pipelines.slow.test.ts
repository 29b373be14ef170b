import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { RawConnection } from '../../../support/docker/raw-connection.js';
import { eventually } from '../../../support/eventually.js';
import { heapInUse } from '../../../support/heap.js';

const MEBIBYTE = 1024 * 1024;

describe('pipelined requests of Docker clients', function () {
  this.timeout(60_000);
  let server: DockerServer;
  const open = new Set<RawConnection>();

  beforeEach(async () => {
    server = await DockerServer.start();
  });
  afterEach(async () => {
    for (const connection of open) connection.kill();
    open.clear();
    await server.stop();
  });

  function connect(): RawConnection {
    const connection = new RawConnection({ path: server.server.dockerSocket });
    open.add(connection);
    return connection;
  }

  async function subscriptions(): Promise<number> {
    return (await server.grpc.describe()).subscriptionCount;
  }

  const times = (count: number, request: string): string[] =>
    Array.from({ length: count }, () => request);

  it('begin one after the other', async () => {
    connect().ask(...times(10, 'GET /events'));
    await eventually(async () => (await subscriptions()) === 1);
    await delay(100);
    expect(await subscriptions()).to.equal(1);
  });

  it('are answered up to the limit, and cut the connection beyond it', async () => {
    const few = connect();
    few.ask(...times(17, 'GET /_ping'));
    for (let n = 0; n < 17; n++) expect((await few.answer()).chunks).to.deep.equal(['OK']);
    const many = connect();
    many.ask(...times(18, 'GET /events'));
    await many.closed;
    few.ask('GET /_ping');
    expect((await few.answer()).chunks).to.deep.equal(['OK']);
  });

  for (const [name, request] of [
    ['streams of events', 'GET /events'],
    ['waits', `POST /containers/${'a'.repeat(64)}/wait`],
  ] as const) {
    it(`release ${name} with their connection`, async () => {
      const pipeline = async (count: number): Promise<void> => {
        const connection = connect();
        connection.ask(...times(count, request));
        await delay(5);
        connection.kill();
        open.delete(connection);
      };
      const round = async (): Promise<void> => {
        for (let n = 0; n < 50; n++) await pipeline(n % 2 === 0 ? 16 : 500);
        await eventually(async () => (await subscriptions()) === 0);
      };
      await round();
      const before = await heapInUse();
      await round();
      expect((await heapInUse()) - before).to.be.lessThan(MEBIBYTE);
    });
  }
});
