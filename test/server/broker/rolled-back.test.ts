import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { GapReason } from '../../../protos/gen/foghorn/v1/history.js';
import { exitEnvelope, numberOf } from '../../support/envelopes.js';
import { expectGap, resumeAfter } from '../../support/gaps.js';
import { range, seedStore } from '../../support/history-seed.js';
import { entriesOf, offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;
const ROLLED_BACK = GapReason.GAP_REASON_ROLLED_BACK;

describe('a store that was replaced by an older copy', () => {
  let directory: string;
  let store: string;
  /** The cursors of entries 1 to 20, of which the copy had 1 to 10. */
  let cursors: string[];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-rolled-back-'));
    store = `lmdb:${directory}/history`;
    await append(1, 10);
    cpSync(`${directory}/history`, `${directory}/copy`, { recursive: true });
    await append(11, 20);
    await withServer(async (client) => {
      const all = await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
      cursors = entriesOf(all).map(({ cursor }) => cursor);
    });
    rmSync(`${directory}/history`, { recursive: true });
    cpSync(`${directory}/copy`, `${directory}/history`, { recursive: true });
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  /** No process has the store open. */
  function append(first: number, last: number): Promise<void> {
    return seedStore(
      store,
      range(first, last).map((n) => exitEnvelope(n)),
    );
  }

  async function withServer(act: (client: TestClient) => Promise<void>): Promise<void> {
    const server = await TestServer.start({ store });
    try {
      await act(server.client());
    } finally {
      await server.stop();
    }
  }

  it('and has reused the lost offsets is detected by the fingerprint', async () => {
    await append(101, 115);
    await withServer(async (client) => {
      for (const lost of [11, 15, 20]) {
        await expectGap(client, cursors[lost - 1]!, ROLLED_BACK, 0n, range(1, 25));
      }
      for (const kept of [1, 9, 10]) {
        const all = await client.read(resumeAfter(cursors[kept - 1]!)).toEnd();
        const expected = [...range(1, 10), ...range(101, 115)].slice(kept);
        expect(entriesOf(all).map(numberOf)).to.deep.equal(expected);
      }
    });
  });

  it('and has not reached the lost offsets again is detected by the offset', () =>
    withServer(async (client) => {
      await expectGap(client, cursors[10]!, ROLLED_BACK, 0n, range(1, 10));
      const all = await client.read(resumeAfter(cursors[8]!)).toEnd();
      expect(offsetsOf(all)).to.deep.equal([10]);
    }));

  it('and has stored the same events again has lost nothing', async () => {
    await append(11, 20);
    await withServer(async (client) => {
      const all = await client.read(resumeAfter(cursors[14]!)).toEnd();
      expect(offsetsOf(all)).to.deep.equal(range(16, 20));
    });
  });

  it('waits for a cursor that is slightly ahead', () =>
    withServer(async (client) => {
      const resumed = client.read({ start: { $case: 'after', value: cursors[11]! } });
      await client.describe();
      for (const n of range(11, 14)) await client.forward(exitEnvelope(n));
      await resumed.when((all) => offsetsOf(all).length === 2);
      expect(entriesOf(resumed.messages).map(numberOf)).to.deep.equal([13, 14]);
    }));
});
