import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf } from '../../../support/docker/event-lines.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll, range } from '../../../support/history-seed.js';
import { httpVectorsOf } from './http-vectors.js';

describe("GET /events, beyond dockerd's 256 events", () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
  });
  afterEach(() => server.stop());

  const publish = (first: number, last: number): Promise<void> => {
    const events = range(first, last).map((n) => ({ action: `action_${n}`, timeNano: BigInt(n) }));
    return forwardAll(
      server.grpc,
      events.map((event) => recorded(event)),
    );
  };

  for (const { published, expect_last: last, then_live: thenLive } of httpVectorsOf('limit')) {
    it(`delivers all ${published} past events, and then live ones`, async () => {
      await publish(0, published - 1);
      const stream = server.docker.events({ since: '0' });
      const past = await stream.when(({ length }) => length >= published);
      const actions = actionsOf(past);
      expect(actions[0]).to.equal('action_0');
      expect(actions.at(-1)).to.equal(last);
      const [from, to] = thenLive.map((action) => Number(action.replace('action_', '')));
      await publish(from!, to!);
      const all = await stream.when(({ length }) => length > to!);
      expect(actionsOf(all)).to.deep.equal(range(0, to!).map((n) => `action_${n}`));
      stream.cancel();
    });
  }
});
