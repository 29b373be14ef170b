import { expect } from 'chai';
import { request } from 'node:http';
import { DockerOverStore } from '../../../support/docker/docker-over-store.js';
import { appendAll } from '../../../support/history-append.js';
import { range } from '../../../support/history-seed.js';
import { Container, envelopeOf } from '../../../support/task-events.js';

const CONTAINERS = 20_000;

/** The share of its time that the event loop was kept by one callback, at most, while work ran. */
async function longestTurnDuring(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let last = began;
  let longest = 0;
  let isOver = false;
  const turn = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  return longest / (performance.now() - began);
}

describe('GET /containers/json with many containers', () => {
  let server: DockerOverStore;

  before(async function () {
    this.timeout(60_000);
    server = await DockerOverStore.start('memory');
    const made = range(1, CONTAINERS).map((n) => envelopeOf(new Container(`c${n}`).made()));
    await appendAll(server.parts.store, made);
  });
  after(() => server.stop());

  /** Returns the length of the body, which is not kept: decoding it would keep the event loop. */
  const list = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request({
        socketPath: server.socket,
        path: '/containers/json?all=1',
        agent: false,
      });
      sent.on('error', reject).on('response', (response) => {
        let length = 0;
        response.on('data', (bytes: Buffer) => (length += bytes.length));
        response.on('error', reject).on('end', () => {
          resolve(length);
        });
      });
      sent.end();
    });

  it('is made in slices, the first one and the next ones', async function () {
    this.timeout(60_000);
    expect(await longestTurnDuring(list)).to.be.below(1 / 10);
    expect(await longestTurnDuring(list)).to.be.below(1 / 4);
  });

  it('lists each once', async () => {
    const listed = (await server.docker.json('/containers/json?all=1')) as { Id: string }[];
    expect(new Set(listed.map(({ Id }) => Id)).size).to.equal(CONTAINERS);
    expect(listed).to.have.length(CONTAINERS);
  });
});
