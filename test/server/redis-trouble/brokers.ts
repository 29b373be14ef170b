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

/** Reads the cursors of the first entries, which the broker may still have to receive. */
export async function cursorsOf(client: TestClient, count: number): Promise<string[]> {
  const all = await client.read({ start: EARLIEST, limit: BigInt(count) }).toEnd();
  return entriesOf(all).map(({ cursor }) => cursor);
}

/** Starts a reader at the beginning; resolves when it has received so many entries. */
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

/** Expects a reader to be asked to resume with its cursor; returns that of its last entry. */
export async function expectSentAway(reader: StreamProbe<ReadResponse>): Promise<string> {
  const all = await reader.toEnd();
  const [end] = messagesOf(all, 'end');
  expect(end).to.have.property('reason', EndReason.END_REASON_SHUTDOWN);
  const { cursor } = entriesOf(all).at(-1)!;
  expect(end).to.have.property('cursor', cursor);
  return cursor;
}

/** Forwards an envelope repeatedly until it is stored, as a client does. */
export async function forwardAtLast(client: TestClient, n: number): Promise<void> {
  await eventually(() =>
    client.forward(exitEnvelope(n)).then(
      () => true,
      () => false,
    ),
  );
}
