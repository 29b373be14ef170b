import { expect } from 'chai';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { EngineFeed } from '../../../support/docker/container-feeds.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf, toldEvent } from '../../../support/docker/event-lines.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';
import { Container, envelopeOf } from '../../../support/task-events.js';

const STRANGE = [
  'two\nlines',
  'carriage\r\nreturn',
  '"quoted" \\ and {"json":true}',
  '<script>&amp;</script>',
  'line\u2028separator\u2029s',
  '\u001e{"status":"die"}',
  'nul\u0000',
  'größer 🦊',
  '__proto__',
];

describe('strange events, to Docker clients', () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
  });
  afterEach(() => server.stop());

  it('are one line each, whatever is in them', async () => {
    const live = server.docker.events();
    await live.head;
    await forwardAll(
      server.grpc,
      STRANGE.map((text, n) =>
        recorded({
          type: text,
          action: text,
          actorId: text,
          attributes: new Map([[text, text]]),
          scope: text,
          timeNano: BigInt(n + 1),
        }),
      ),
    );
    const received = await server.docker.history();
    expect(received.map(toldEvent).map(({ type, action, id }) => [type, action, id])).to.deep.equal(
      STRANGE.map((text) => [text, text, text]),
    );
    expect(received.map((line) => Object.entries(toldEvent(line).attributes))).to.deep.equal(
      STRANGE.map((text) => [[text, text]]),
    );
    expect(await live.when(({ length }) => length >= STRANGE.length)).to.deep.equal(received);
    live.cancel();
  });

  it('are delivered whole, however large they are', async () => {
    const large = 'x'.repeat(5_000_000);
    const live = server.docker.events();
    await live.head;
    await server.grpc.forward(recorded({ timeNano: 1n, attributes: new Map([['label', large]]) }));
    const [line] = await live.when(({ length }) => length === 1);
    expect(toldEvent(line!).attributes.label).to.equal(large);
    expect(await server.docker.history()).to.deep.equal([line]);
    live.cancel();
  });

  it('stop no client if they cannot be decoded', async () => {
    const feed = new EngineFeed('c1');
    const container = new Container('c2');
    const live = server.docker.events();
    await live.head;
    await forwardAll(server.grpc, [...feed.create(), envelopeOf(container.start(1))]);
    const wait = server.docker.wait('c2');
    await wait.head;
    const names = ['TaskExit', 'TaskStart', 'ContainerUpdate', 'ContainerCreate'];
    const types = names.map((name) => `containerd.events.${name}`);
    types.push('containerd.services.images.v1.ImageCreate');
    for (const type of [...types, 'foghorn.v1.DockerEvent', 'nobody.knows.This']) {
      await forwardAll(server.grpc, garbageOf(type));
    }
    await forwardAll(server.grpc, [...feed.start(), envelopeOf(container.exit(1, 4))]);
    const received = await live.when(({ length }) => length >= 4);
    expect(actionsOf(received)).to.deep.equal(['create', 'start', 'start', 'die']);
    expect(await server.docker.history()).to.deep.equal(received);
    expect(await wait.text()).to.equal('{"StatusCode":4}\n');
    live.cancel();
  });
});

/** Bytes that begin like a payload about container c1 or c2, and cannot be decoded. */
function garbageOf(typeUrl: string): Envelope[] {
  const bytes = [
    Buffer.of(0x0a, 0x02, 0x63, 0x31, 0x12, 0xff, 0xff, 0xff, 0xff, 0x0f),
    Buffer.of(0x0a, 0x02, 0x63, 0x32, 0x1a, 0x7f),
    Buffer.of(0xff, 0xff, 0xff),
  ];
  return bytes.map((value) => ({
    timestamp: { seconds: 5n, nanos: 0 },
    namespace: 'default',
    topic: '/garbage',
    event: { typeUrl, value },
  }));
}
