import type { ReadMessage } from '../../../client/index.js';
import { LOSS_CAUSES } from '../../../protocol/gaps.js';
import type { EventFormat } from './event-format.js';
import type { ReplayCounter } from './replay-counter.js';
import { say, write, writeExactly } from '../../terminal.js';
import type { Terminal } from '../../terminal.js';

/** Writes entries as lines to stdout, one write per batch, and reports gaps on stderr. */
export async function showEvents(
  terminal: Terminal,
  messages: AsyncIterable<ReadMessage>,
  { text, isEscaped }: Pick<EventFormat, 'text' | 'isEscaped'>,
  counter: ReplayCounter,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const message of messages) {
      if (message.kind === 'entries') {
        const lines = text(message.entries);
        await (isEscaped ? writeExactly : write)(terminal.stdout, lines, signal);
        counter.add(message.entries.length);
      } else if (message.kind === 'gap') {
        counter.stop();
        say(terminal, `${lossOf(message)} missing here: ${LOSS_CAUSES[message.reason]}`);
      } else if (message.kind === 'caught up') {
        counter.stop();
      }
    }
  } finally {
    counter.stop();
  }
}

function lossOf({ reason, lostAtMost: atMost }: ReadMessage & { kind: 'gap' }): string {
  if (reason === 'not recorded') return 'events may be';
  if (atMost === 0n) return 'events are';
  return atMost === 1n ? 'at most 1 event is' : `at most ${atMost.toLocaleString('en')} events are`;
}
