import { expect } from 'chai';
import { ReplayCounter } from '../../../../cli/commands/events/replay-counter.js';
import { showEvents } from '../../../../cli/commands/events/show-events.js';
import type { LossReason, ReadMessage } from '../../../../client/index.js';
import { testTerminal } from '../../test-terminal.js';

describe('showEvents', () => {
  async function gapText(reason: LossReason, lostAtMost: bigint): Promise<string> {
    const terminal = testTerminal();
    // eslint-disable-next-line @typescript-eslint/require-await
    async function* messages(): AsyncGenerator<ReadMessage> {
      yield { kind: 'gap', reason, from: 'a', cursor: 'b', lostAtMost };
    }
    await showEvents(
      terminal,
      messages(),
      { text: () => '', isEscaped: false },
      new ReplayCounter(terminal),
      new AbortController().signal,
    );
    return terminal.output.stderr;
  }

  it('reports a gap in words', async () => {
    expect(await gapText('trimmed', 1200n)).to.equal(
      'foghorn: at most 1,200 events are missing here: retention removed them\n',
    );
    expect(await gapText('store recreated', 0n)).to.equal(
      'foghorn: events are missing here: the history was recreated\n',
    );
    expect(await gapText('rolled back', 1n)).to.equal(
      'foghorn: at most 1 event is missing here: the history lost its newest events\n',
    );
  });
});
