import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WireType } from '@bufbuild/protobuf/wire';
import { expect } from 'chai';
import { GapPolicy, GapReason, ReadRequest } from '../../../protos/gen/foghorn/v1/history.js';
import { CursorWriter, parseCursor } from '../../../server/events/cursor.js';
import { expectGap, resumeAfter } from '../../support/gaps.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { range, forwardAll, seedStore } from '../../support/history-seed.js';
import { entriesOf, offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;
const { GAP_POLICY_CONTINUE: CONTINUE } = GapPolicy;

describe('a cursor', () => {
  let server: TestServer;
  let client: TestClient;
  let cursors: string[];

  before(async () => {
    server = await TestServer.start();
    client = server.client();
    await forwardAll(
      client,
      range(1, 10).map((n) => exitEnvelope(n)),
    );
    const all = await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
    cursors = entriesOf(all).map(({ cursor }) => cursor);
  });
  after(() => server.stop());

  it('of another history meets a gap', () => {
    const foreign = new CursorWriter('0123456789abcdef').cursor(4, 1234);
    return expectGap(client, foreign, GapReason.GAP_REASON_STORE_RECREATED, 0n, range(1, 10));
  });

  it('of an entry that has been replaced meets a gap', () => {
    const { epoch, offset, fingerprint } = parseCursor(cursors[4]!);
    const altered = new CursorWriter(epoch).cursor(offset, (fingerprint ^ 1) >>> 0);
    return expectGap(client, altered, GapReason.GAP_REASON_ROLLED_BACK, 0n, range(1, 10));
  });

  for (const ahead of [1, 1000, 2 ** 47]) {
    it(`${ahead} ahead of the history meets a gap`, () => {
      const { epoch } = parseCursor(cursors[0]!);
      const future = new CursorWriter(epoch).cursor(10 + ahead, 7);
      return expectGap(client, future, GapReason.GAP_REASON_ROLLED_BACK, 0n, range(1, 10));
    });
  }

  it('ahead of the history is refused in the metadata of Subscribe, too', async () => {
    const { epoch } = parseCursor(cursors[0]!);
    const future = new CursorWriter(epoch).cursor(11, 7);
    const { code } = await client.subscribe([], { 'foghorn-after': future }).status;
    expect(code).to.equal(11);
  });

  for (const garbage of [
    '',
    'x',
    'a'.repeat(26),
    '!'.repeat(26),
    'é'.repeat(13),
    'A'.repeat(10_000),
  ]) {
    it(`in the form ${JSON.stringify(garbage.slice(0, 30))} is refused as invalid`, async () => {
      for (const gapPolicy of [GapPolicy.GAP_POLICY_FAIL, CONTINUE]) {
        const { code, details } = await client.read({ ...resumeAfter(garbage), gapPolicy }).status;
        expect(code).to.equal(3);
        expect(details).to.contain('is not a cursor: expected the 26 characters');
      }
    });
  }

  it('with a lost byte or a changed case never names another position', async () => {
    const [cursor] = cursors;
    for (const wrong of [cursor!.slice(1), cursor!.slice(0, -1), `${cursor}A`, `${cursor}=`]) {
      expect((await client.read(resumeAfter(wrong)).status).code).to.equal(3);
    }
  });

  it('with an unknown gap policy is refused', async () => {
    const request = ReadRequest.encode(ReadRequest.fromPartial(resumeAfter(cursors[0]!)));
    const bytes = request.tag(10, WireType.Varint).int32(7).finish();
    const stream = client.stream('/foghorn.v1.History/Read', bytes, (response) => response);
    const { code, details } = await stream.status;
    expect(code).to.equal(3);
    expect(details).to.equal('unknown gap policy 7');
  });
});

describe('a cursor of a store on disk', () => {
  let directory: string;
  let store: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-gaps-'));
    store = `lmdb:${directory}`;
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  async function withServer(act: (client: TestClient) => Promise<void>): Promise<void> {
    const server = await TestServer.start({ store });
    try {
      await act(server.client());
    } finally {
      await server.stop();
    }
  }

  async function cursorsOf(client: TestClient): Promise<string[]> {
    const all = await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
    return entriesOf(all).map(({ cursor }) => cursor);
  }

  it('is valid after a restart', async () => {
    await seedStore(
      store,
      range(1, 10).map((n) => exitEnvelope(n)),
    );
    let cursors: string[] = [];
    await withServer(async (client) => {
      cursors = await cursorsOf(client);
    });
    await withServer(async (client) => {
      expect(await cursorsOf(client)).to.deep.equal(cursors);
      const all = await client.read(resumeAfter(cursors[3]!)).toEnd();
      expect(offsetsOf(all)).to.deep.equal(range(5, 10));
    });
  });

  it('meets a gap once the store was recreated', async () => {
    await seedStore(
      store,
      range(1, 10).map((n) => exitEnvelope(n)),
    );
    let cursor = '';
    await withServer(async (client) => {
      cursor = (await cursorsOf(client))[3]!;
    });
    rmSync(directory, { recursive: true });
    await seedStore(
      store,
      range(1, 10).map((n) => exitEnvelope(n)),
    );
    await withServer((client) =>
      expectGap(client, cursor, GapReason.GAP_REASON_STORE_RECREATED, 0n, range(1, 10)),
    );
  });
});
