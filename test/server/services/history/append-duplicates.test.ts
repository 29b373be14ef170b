import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { NewEvent } from '../../../../protos/gen/foghorn/v1/history.js';
import { parseCursor } from '../../../../server/events/cursor.js';
import { appended, forwarding, publishing } from '../../../support/append-probe.js';
import { exitEnvelope, exitEvent } from '../../../support/envelopes.js';
import { expectRefusal } from '../../../support/refusal.js';
import type { TestClient } from '../../../support/test-client.js';
import { TestServer } from '../../../support/test-server.js';

/** Offset of each result, negative for a duplicate. */
async function append(client: TestClient, ...messages: NewEvent[][]): Promise<number[]> {
  const stream = client.append({ 'containerd-namespace': 'default' });
  for (const events of messages) stream.send(events);
  stream.end();
  await stream.toEnd();
  return (await stream.answers(messages.length)).flat().map((each) => {
    const { cursor, duplicate } = appended(each);
    const { offset } = parseCursor(cursor);
    return duplicate ? -offset : offset;
  });
}

async function countOf(client: TestClient): Promise<number> {
  return Number((await client.describe()).entryCount);
}

const one = forwarding(exitEnvelope(1));

for (const kind of ['memory', 'lmdb'] as const) {
  describe(`a duplicate, in a ${kind} store`, () => {
    let directory: string;
    let server: TestServer;
    let client: TestClient;

    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'foghorn-duplicates-'));
      await open();
    });
    afterEach(async () => {
      await server.stop();
      rmSync(directory, { recursive: true });
    });

    async function open(): Promise<void> {
      server = await TestServer.start({ store: kind === 'lmdb' ? `lmdb:${directory}` : 'memory:' });
      client = server.client();
    }

    it('is not stored: in a message, in the next one, on another stream', async () => {
      const two = forwarding(exitEnvelope(2));
      expect(await append(client, [one, one, two, one], [two, one])).to.deep.equal([
        1, -1, 2, -1, -2, -1,
      ]);
      expect(await append(server.client(), [one])).to.deep.equal([-1]);
      expect(await countOf(client)).to.equal(2);
    });

    it('has the cursor of the original', async () => {
      const stream = client.append();
      stream.send([one, one]);
      stream.send([one]);
      const results = (await stream.answers(2)).flat().map((each) => appended(each).cursor);
      expect(new Set(results).size).to.equal(1);
      stream.end();
    });

    it('is an envelope with the same namespace, topic, time and payload', async () => {
      const others = [
        exitEnvelope(1, { namespace: 'other' }),
        exitEnvelope(1, { topic: '/tasks/exits' }),
        exitEnvelope(1, { timestamp: { seconds: 1n, nanos: 1 } }),
        exitEnvelope(1, { event: exitEvent(2) }),
        exitEnvelope(1, { event: undefined }),
      ].map(forwarding);
      expect(await append(client, [one, ...others])).to.deep.equal([1, 2, 3, 4, 5, 6]);
      expect(await append(client, [one, ...others])).to.deep.equal([-1, -2, -3, -4, -5, -6]);
    });

    it('is recognized between Append and the unary Forward', async () => {
      await append(client, [one]);
      await client.forward(exitEnvelope(1));
      await client.forward(exitEnvelope(2));
      expect(await append(client, [forwarding(exitEnvelope(2))])).to.deep.equal([-2]);
      expect(await countOf(client)).to.equal(2);
    });

    it('is not delivered', async () => {
      const stream = client.subscribe();
      await stream.headers;
      await append(client, [one, one], [one]);
      await append(client, [forwarding(exitEnvelope(2))]);
      await stream.when(({ length }) => length >= 2);
      expect(stream.messages).to.have.lengthOf(2);
      stream.cancel();
    });

    it('is a publication with the same id in the same namespace', async () => {
      const first = publishing({ publishId: 'a', topic: '/one' });
      const again = publishing({ publishId: 'a', topic: '/two', event: exitEvent(1) });
      const elsewhere = publishing({ publishId: 'a', namespace: 'other' });
      const longest = publishing({ publishId: 'x'.repeat(64) });
      const all = [first, again, elsewhere, longest, longest];
      expect(await append(client, all)).to.deep.equal([1, -1, 2, 3, -3]);
      expect(await append(client, [elsewhere, first])).to.deep.equal([-2, -1]);
    });

    it('is never a publication without an id', async () => {
      const anonymous = publishing({});
      expect(await append(client, [anonymous, anonymous], [anonymous])).to.deep.equal([1, 2, 3]);
    });

    it('is recognized by the metadata of the unary Publish', async () => {
      const headers = { 'containerd-namespace': 'default', 'foghorn-publish-id': 'a' };
      await client.publish('/t', undefined, headers);
      await client.publish('/t', undefined, headers);
      expect(await append(client, [publishing({ publishId: 'a' })])).to.deep.equal([-1]);
      await client.publish('/t', undefined, { ...headers, 'containerd-namespace': 'other' });
      await client.publish('/t', undefined);
      await client.publish('/t', undefined);
      expect(await countOf(client)).to.equal(4);
      const long = { ...headers, 'foghorn-publish-id': 'x'.repeat(65) };
      const text = await expectRefusal(client.publish('/t', undefined, long), 3);
      expect(text).to.equal('publish id: expected at most 64 bytes without NUL, got 65');
    });

    if (kind === 'lmdb') {
      it('is recognized after a restart', async () => {
        const published = publishing({ publishId: 'a' });
        expect(await append(client, [one, published])).to.deep.equal([1, 2]);
        await server.stop();
        await open();
        expect(await append(client, [published, one])).to.deep.equal([-2, -1]);
        await client.forward(exitEnvelope(1));
        expect(await countOf(client)).to.equal(2);
      });
    }
  });
}
