import { expect } from 'chai';
import type { AnswerProbe } from '../../../support/docker/answer-probe.js';
import { DockerOverStore } from '../../../support/docker/docker-over-store.js';
import { toldEvent } from '../../../support/docker/event-lines.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { appendAll } from '../../../support/history-append.js';
import { range } from '../../../support/history-seed.js';

/** Many more events than fit between the server and a client that does not read. */
const COUNT = 8000;

describe('GET /events, of a history that is trimmed before it is read', () => {
  let server: DockerOverStore;

  beforeEach(async () => {
    server = await DockerOverStore.start('memory');
  });
  afterEach(() => server.stop());

  async function append(first: number, last: number): Promise<void> {
    const attributes = new Map([['note', 'x'.repeat(200)]]);
    const events = range(first, last).map((n) =>
      recorded({ action: 'top', actorId: 'c1', attributes, timeNano: BigInt(n) }),
    );
    await appendAll(server.parts.store, events);
  }

  const numbersOf = (lines: readonly string[]): number[] =>
    lines.map((line) => Number(toldEvent(line).timeNano));

  /** Opens a stream and stops reading early, once the server reads the history for it. */
  async function openStuck(query: Record<string, string>): Promise<AnswerProbe> {
    const stream = server.docker.events(query);
    // Entries that are trimmed before the first event are no loss to it.
    await stream.when((lines) => lines.length > 0);
    stream.pause();
    return stream;
  }

  const statusAfter = async (after: string): Promise<number> =>
    (await server.docker.ask('GET', '/events', { query: { after } })).status;

  for (const query of [{}, { stream: 'false' }]) {
    it(`is cut off for clients with cursors, ${JSON.stringify(query)}`, async () => {
      await append(1, COUNT);
      const stream = await openStuck({ since: '0', after: '', ...query });
      await server.parts.trim({ entries: 10 });
      stream.resume();
      expect(await stream.end).to.equal('cut');
      const received = numbersOf(stream.lines);
      expect(received).to.deep.equal(range(1, received.length));
      expect(received.length).to.be.below(COUNT);
      expect(await statusAfter(toldEvent(stream.lines.at(-1)!).cursor!)).to.equal(410);
    });
  }

  it('is cut off for clients with cursors that had been live', async () => {
    const stream = server.docker.events({ after: '' });
    await stream.head;
    stream.pause();
    await append(1, COUNT);
    await server.parts.trim({ entries: 10 });
    stream.resume();
    expect(await stream.end).to.equal('cut');
    const received = numbersOf(stream.lines);
    expect(received).to.deep.equal(range(1, received.length));
    expect(received.length).to.be.below(COUNT);
  });

  it('continues with the remaining events for clients without cursors', async () => {
    await append(1, COUNT);
    const stream = await openStuck({ since: '0' });
    await server.parts.trim({ entries: 10 });
    stream.resume();
    const received = numbersOf(await stream.when((lines) => numbersOf(lines).includes(COUNT)));
    const before = received.slice(0, -10);
    expect(before).to.deep.equal(range(1, before.length));
    expect(received.slice(-10)).to.deep.equal(range(COUNT - 9, COUNT));
    expect(received.length).to.be.below(COUNT);
    stream.cancel();
  });

  it('does not look complete if the broker shuts down before its end', async () => {
    await append(1, COUNT);
    const stream = await openStuck({ until: String(COUNT) });
    const drained = server.drain();
    stream.resume();
    expect(await stream.end).to.equal('cut');
    await drained;
    const received = numbersOf(stream.lines);
    expect(received).to.deep.equal(range(1, received.length));
    expect(received.length).to.be.below(COUNT);
  });
});
