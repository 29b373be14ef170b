import { expect } from 'chai';
import { EndReason, type ReadResponse } from '../../../protos/gen/foghorn/v1/history.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { eventually } from '../../support/eventually.js';
import { forwardAll, range } from '../../support/history-seed.js';
import { entriesOf, messagesOf } from '../../support/responses.js';
import type { StreamProbe } from '../../support/stream-probe.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

export const EARLIEST = { $case: 'earliest', value: {} } as const;

/** Two brokers over one Redis, and a client of each. */
export class Brokers {
  private constructor(
    readonly servers: readonly [TestServer, TestServer],
    readonly clients: readonly [TestClient, TestClient],
  ) {}

  static async start(store: string): Promise<Brokers> {
    const first = await TestServer.start({ store });
    try {
      const second = await TestServer.start({ store });
      return new Brokers([first, second], [first.client(), second.client()]);
    } catch (error) {
      await first.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

/** Forwards the envelopes with these numbers. */
export function forwardNumbers(client: TestClient, first: number, last: number): Promise<void> {
  const envelopes = range(first, last).map((n) => exitEnvelope(n));
  return forwardAll(client, envelopes);
}

/** The cursors of the first entries that a broker has, so many; it may have to hear of them from the other one first. */
export async function cursorsOf(client: TestClient, count: number): Promise<string[]> {
  const all = await client.read({ start: EARLIEST, limit: BigInt(count) }).toEnd();
  return entriesOf(all).map(({ cursor }) => cursor);
}

/** A reader that follows from the beginning, when it has got so many entries. */
export async function follow(
  client: TestClient,
  entries: number,
): Promise<StreamProbe<ReadResponse>> {
  const reader = client.read({ start: EARLIEST });
  await reader.when((all) => entriesOf(all).length >= entries && isCaughtUp(all));
  return reader;
}

function isCaughtUp(all: readonly ReadResponse[]): boolean {
  return messagesOf(all, 'caughtUp').length > 0;
}

/** Expects a reader to be told, in good order, to come again with its cursor; gives the cursor of its last entry. */
export async function expectSentAway(reader: StreamProbe<ReadResponse>): Promise<string> {
  const all = await reader.toEnd();
  const [end] = messagesOf(all, 'end');
  expect(end).to.have.property('reason', EndReason.END_REASON_SHUTDOWN);
  const { cursor } = entriesOf(all).at(-1)!;
  expect(end).to.have.property('cursor', cursor);
  return cursor;
}

/** Forwards an envelope again and again until it is stored: a client's patience. */
export async function forwardAtLast(client: TestClient, n: number): Promise<void> {
  await eventually(() =>
    client.forward(exitEnvelope(n)).then(
      () => true,
      () => false,
    ),
  );
}
