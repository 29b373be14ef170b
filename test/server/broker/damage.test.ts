import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { connect } from '../../../client/index.js';
import { systemClock } from '../../../protocol/clock.js';
import { GapPolicy, GapReason, type ReadRequest } from '../../../protos/gen/foghorn/v1/history.js';
import { parseCursor } from '../../../server/events/cursor.js';
import { openStore } from '../../../server/history/open.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { resumeAfter } from '../../support/gaps.js';
import { range, seedStore } from '../../support/history-seed.js';
import { entriesOf, messagesOf, offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';
import { damageText } from '../history/lmdb/store-directory.js';

const EARLIEST: Partial<ReadRequest> = {
  start: { $case: 'earliest', value: {} },
  stopWhenCaughtUp: true,
};
const { GAP_POLICY_CONTINUE: CONTINUE } = GapPolicy;
const DATA_LOSS = 15;

describe('damaged entries in a store on disk', () => {
  let directory: string;
  let store: string;
  let server: TestServer;
  let client: TestClient;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-damage-'));
    store = `lmdb:${directory}`;
    const events = range(1, 100).map((n) => exitEnvelope(n, { namespace: `ns-${n + 1000}-x` }));
    await seedStore(store, events);
    for (const n of [50, 51, 52, 80]) await damageText(directory, `ns-${n + 1000}-x`);
    server = await TestServer.start({ store });
    client = server.client();
  });
  afterEach(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  async function cursorOf(offset: number): Promise<string> {
    const all = await client.read({ ...EARLIEST, gapPolicy: CONTINUE }).toEnd();
    return entriesOf(all).find(({ cursor }) => parseCursor(cursor).offset === offset)!.cursor;
  }

  it('are gaps to a reader that continues, which gets everything else', async () => {
    const all = await client.read({ ...EARLIEST, gapPolicy: CONTINUE }).toEnd();
    expect(offsetsOf(all)).deep.equal([...range(1, 49), ...range(53, 79), ...range(81, 100)]);
    const gaps = messagesOf(all, 'gap').map(({ reason, from, to, lostAtMost }) => ({
      reason,
      from: parseCursor(from).offset,
      to: parseCursor(to).offset,
      lostAtMost,
    }));
    const reason = GapReason.GAP_REASON_DAMAGED;
    expect(gaps).deep.equal([
      { reason, from: 49, to: 52, lostAtMost: 3n },
      { reason, from: 79, to: 80, lostAtMost: 1n },
    ]);
  });

  it('end a reader that is to fail with DATA_LOSS, after everything before them', async () => {
    const delivered: number[] = [];
    const library = connect({ address: server.address });
    let failure: unknown;
    try {
      for await (const message of library.read({ start: 'earliest' })) {
        if (message.kind !== 'entries') continue;
        delivered.push(...message.entries.map(({ cursor }) => parseCursor(cursor).offset));
      }
    } catch (error) {
      failure = error;
    } finally {
      await library.close();
    }
    expect(delivered).deep.equal(range(1, 49));
    expect(failure).include({ code: 'DATA_LOSS' });
    expect((failure as Error).message).contain('the entries after it are damaged in the store');
  });

  it('can be passed by a resume after the cursor of the gap', async () => {
    const failing = await client.read(EARLIEST).toEnd();
    const [gap] = messagesOf(failing, 'gap');
    expect(offsetsOf(failing)).deep.equal(range(1, 49));
    const after = await client.read({ ...resumeAfter(gap!.to), gapPolicy: CONTINUE }).toEnd();
    expect(offsetsOf(after)).deep.equal([...range(53, 79), ...range(81, 100)]);
  });

  it('do not move a reader that has a cursor of one of them', async () => {
    const intact = await client.read({ ...resumeAfter(await cursorOf(59)), limit: 1n }).toEnd();
    const cursor = entriesOf(intact)[0]!.cursor;
    await server.stop();
    await damageText(directory, 'ns-1060-x');
    server = await TestServer.start({ store });
    client = server.client();
    const all = await client.read({ ...resumeAfter(cursor), gapPolicy: CONTINUE }).toEnd();
    expect(offsetsOf(all)).deep.equal([...range(61, 79), ...range(81, 100)]);
  });

  it('end a Subscribe that resumes before them with DATA_LOSS', async () => {
    const [first] = entriesOf(await client.read({ ...EARLIEST, limit: 1n }).toEnd());
    const { code } = await client.subscribe([], { 'foghorn-after': first!.cursor }).status;
    expect(code).equal(DATA_LOSS);
  });

  it('do not keep live readers and publishers from working', async () => {
    const live = client.read({ start: { $case: 'now', value: {} }, limit: 1n });
    await client.forward(exitEnvelope(101));
    expect(offsetsOf(await live.toEnd())).deep.equal([101]);
  });

  it('are reported to the operator once, with their offsets and their number', async () => {
    await server.stop();
    const warnings: string[] = [];
    const opened = await openStore(store, systemClock, { warn: (text) => warnings.push(text) });
    const limit = { entries: 1000, bytes: 1e9 };
    for (const after of [49, 49, 50, 79, 0]) await opened.read(after, limit);
    await opened.close();
    // The first start has rebuilt the index, whose keys had the damaged names too.
    expect(warnings).length(2);
    expect(warnings[0]).contain('entries 50 to 52 are damaged and cannot be read (3 entries)');
    expect(warnings[1]).contain('entry 80 is damaged and cannot be read');
  });
});

describe('a wait for a container with damaged entries', () => {
  let directory: string;
  let server: TestServer;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-damage-'));
    const store = `lmdb:${directory}`;
    // The container c1 ends with the entries 1, 11 and 21.
    await seedStore(
      store,
      range(1, 25).map((n) => exitEnvelope(n, { timestamp: { seconds: BigInt(n), nanos: n } })),
    );
    server = await TestServer.start({ store });
  });
  afterEach(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  async function damageExit(n: number): Promise<void> {
    await server.stop();
    const store = await openStore(`lmdb:${directory}`, systemClock);
    const found = await store.read(n - 1, { entries: 1, bytes: 1 });
    await store.close();
    if (found.kind !== 'entries') throw new Error('no entry');
    await damageText(directory, Buffer.from(found.entries[0]!.envelope));
    server = await TestServer.start({ store: `lmdb:${directory}` });
  }

  const container = { namespace: 'default', containerId: 'c1' };

  it('answers with the newest end when that is intact', async () => {
    await damageExit(11);
    expect(await server.client().wait({ container })).include({ pid: 21 });
  });

  it('fails with DATA_LOSS when the newest end may be damaged', async () => {
    await damageExit(21);
    const error: unknown = await server
      .client()
      .wait({ container })
      .catch((reason: unknown) => reason);
    expect(error).include({ code: DATA_LOSS });
  });
});
