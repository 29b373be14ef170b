import { expect } from 'chai';
import {
  ContainerdFeed,
  EngineFeed,
  type ContainerFeed,
} from '../../../support/docker/container-feeds.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { forwardAll } from '../../../support/history-seed.js';
import { isPending } from '../../../support/pending.js';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { httpVectorsOf, type WaitVector } from './http-vectors.js';

const ID = 'c0ffee'.repeat(6);

/** One vector is a sequence of its own: see below. */
const PLAIN = httpVectorsOf('wait').filter(({ name }) => name !== '2x-lifecycle');

const FEEDS = { containerd: ContainerdFeed, engine: EngineFeed };

for (const [who, Feed] of Object.entries(FEEDS)) {
  describe(`POST /containers/ID/wait, with events of ${who}`, () => {
    let server: DockerServer;
    let feed: ContainerFeed;

    beforeEach(async () => {
      server = await DockerServer.start();
      feed = new Feed(ID);
    });
    afterEach(() => server.stop());

    const happen = (envelopes: Envelope[]): Promise<void> => forwardAll(server.grpc, envelopes);

    for (const vector of PLAIN) {
      it(vector.name, async () => {
        await happen(cameTo(vector.state, feed));
        const name = vector.state === null ? 'nosuch' : vector.ref === undefined ? ID : 'c0ffee';
        const version = vector.api === undefined ? {} : { version: vector.api };
        const wait = server.docker.wait(name, vector.query, version);
        const steps = vector.then ?? [];
        if (steps.length > 0) {
          await wait.head;
          expect(await isPending(wait.end, server.grpc)).to.equal(true);
        }
        for (const step of steps) await happen(next(step, feed));
        const { status, message, body } = { ...vector, ...vector.modern };
        const { headers, ...head } = await wait.head;
        expect(head.status).to.equal(status);
        const text = await wait.text();
        // containerd reports the same for a container that could not be started.
        if (who === 'containerd' && vector.name === 'created-next-exit-released-by-removal') {
          expect(text).to.match(/^\{"StatusCode":255,"Error":/);
          return;
        }
        if (body !== undefined) expect(text).to.equal(`${JSON.stringify(body)}\n`);
        if (message !== undefined) expect(text).to.equal(`${JSON.stringify({ message })}\n`);
        // If the headers came at once, the length was not known yet.
        const atOnce = status === 200 && vector.headers_immediate !== false;
        expect('content-length' in headers).to.equal(!atOnce);
      });
    }

    it('2x-lifecycle', async () => {
      await happen(feed.create());
      const removed = server.docker.wait(ID, { condition: 'removed' });
      await removed.head;
      for (const [previous, exitCode] of [
        [0, 1],
        [1, 2],
      ] as const) {
        const before = await server.docker.wait(ID).text();
        expect(before).to.equal(`{"StatusCode":${previous}}\n`);
        const nextExit = server.docker.wait(ID, { condition: 'next-exit' });
        await nextExit.head;
        await happen([...feed.start(), ...feed.exit(exitCode)]);
        expect(await nextExit.text()).to.equal(`{"StatusCode":${exitCode}}\n`);
      }
      expect(await isPending(removed.end, server.grpc)).to.equal(true);
      await happen(feed.remove());
      expect(await removed.text()).to.equal('{"StatusCode":2}\n');
    });
  });
}

/** Events that bring a container to a state. */
function cameTo(state: WaitVector['state'], feed: ContainerFeed): Envelope[] {
  if (state === null) return [];
  if (state === 'created') return feed.create();
  const running = [...feed.create(), ...feed.start()];
  const [, exitCode] = /^exited\((\d+)\)$/.exec(state) ?? [];
  return exitCode === undefined ? running : [...running, ...feed.exit(Number(exitCode))];
}

function next(step: string, feed: ContainerFeed): Envelope[] {
  const [verb, exitCode] = step.split(' ');
  if (verb === 'start') return feed.start();
  return verb === 'remove' ? feed.remove() : feed.exit(Number(exitCode));
}
