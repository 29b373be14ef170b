import { expect } from 'chai';
import { randomInt } from 'node:crypto';
import { ALL, entriesOf, textsOf } from '../../conformance/store/store-under-test.js';
import { expectConsistentTables } from '../../test/server/history/lmdb/consistent-tables.js';
import { freshDirectory, openIn } from '../../test/server/history/lmdb/store-directory.js';
import type { Acknowledged } from '../../test/server/history/lmdb/store-messages.js';
import { StoreProcess } from '../../test/server/history/lmdb/store-process.js';

const ROUNDS = 10;
const CALLERS = 50;
const MOST_ACKNOWLEDGED = 2000;

describe('lmdb store: killed at a random moment', () => {
  const directory = freshDirectory();

  it('keeps every acknowledged entry exactly once, without holes, unless it was trimmed', async () => {
    const acknowledged = new Map<string, Acknowledged>();
    /**
     * The event with which each caller continues: its last acknowledged one, to test for
     * duplicates.
     */
    const from = Array<number>(CALLERS).fill(0);
    let last = 0;
    let again = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (const answer of await appendUntilKilled(directory(), from)) {
        const before = acknowledged.get(answer.text);
        expect(answer.offset, answer.text).equal(before?.offset ?? answer.offset);
        if (!answer.duplicate) expect(answer.offset).above(last);
        if (before !== undefined) again += 1;
        expect(answer.duplicate || before === undefined).true;
        acknowledged.set(answer.text, answer);
        from[answer.caller] = answer.event;
      }
      last = await checkHistory([...acknowledged.values()]);
    }
    expect(again).above(0);
  }).timeout(60_000);

  async function checkHistory(acknowledged: readonly Acknowledged[]): Promise<number> {
    const store = await openIn(directory());
    const { first, last, lastingEntries } = await store.bounds();
    const entries = entriesOf(await store.read(first - 1, ALL));
    expect(entries.map(({ offset }) => offset)).deep.equal(entries.map((_, i) => first + i));
    expect(entries.at(-1)?.offset ?? 0).equal(last);
    const lasting = entriesOf(await store.readLasting(0, ALL));
    expect(lasting).length(lastingEntries);
    expect(lasting.every(({ offset }) => offset < first)).true;
    await store.close();

    const kept = [...lasting, ...entries];
    const texts = textsOf(kept);
    expect(new Set(texts).size, 'an entry is stored twice').equal(texts.length);
    const byOffset = new Map(kept.map(({ offset }, i) => [offset, texts[i]]));
    for (const { offset, text, isLasting } of acknowledged) {
      if (offset >= first || isLasting) expect(byOffset.get(offset)).equal(text);
    }
    await expectConsistentTables(directory());
    return last;
  }
});

/** Returns the appends that a process acknowledged before it was killed. */
async function appendUntilKilled(directory: string, from: number[]): Promise<Acknowledged[]> {
  const process = await StoreProcess.start();
  await process.call('open', directory);
  const end = process.call('appendForever', from).catch(() => undefined);
  await process.acknowledgedAtLeast(randomInt(1, MOST_ACKNOWLEDGED));
  await process.kill();
  await end;
  return process.acknowledged;
}
