import { expect } from 'chai';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf } from '../../../support/docker/event-lines.js';
import { Container, type Happening } from '../../../support/task-events.js';

function at(seconds: number, happening: Happening): Envelope {
  return {
    timestamp: { seconds: BigInt(seconds), nanos: 0 },
    namespace: 'default',
    topic: happening.topic,
    event: happening.event,
  };
}

describe('GET /events since a time', () => {
  let server: DockerServer;

  beforeEach(async () => (server = await DockerServer.start()));
  afterEach(() => server.stop());

  // An entry that is stored late, or by another clock, is not shown, but later events depend on it.
  it('considers the events that it leaves out', async () => {
    const container = new Container();
    const stored = [
      at(100, container.start(7)),
      at(50, container.paused()),
      at(110, container.resumed()),
    ];
    for (const envelope of stored) await server.grpc.forward(envelope);
    expect(actionsOf(await server.docker.history({ since: '90' }))).to.deep.equal([
      'start',
      'unpause',
    ]);
  });
});
