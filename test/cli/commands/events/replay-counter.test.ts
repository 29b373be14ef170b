import { expect } from 'chai';
import { ReplayCounter } from '../../../../cli/commands/events/replay-counter.js';
import { testTerminal } from '../../test-terminal.js';

describe('ReplayCounter', () => {
  function replay(terminals: { stdout: boolean; stderr: boolean }, millis: number): string {
    const terminal = testTerminal({ terminals });
    let now = 0;
    const counter = new ReplayCounter(terminal, () => now);
    for (; now <= millis; now += 100) counter.add(1000);
    counter.stop();
    now += 10_000;
    counter.add(1);
    return terminal.output.stderr;
  }

  it('counts a replay that takes longer than a second, then takes its line away', () => {
    expect(replay({ stdout: false, stderr: true }, 1200)).to.equal(
      '\r11,000 events\r13,000 events\r\x1b[K',
    );
  });

  it('says nothing of a short replay', () => {
    expect(replay({ stdout: false, stderr: true }, 900)).to.equal('');
  });

  it('says nothing between lines on the same terminal, nor into a file', () => {
    expect(replay({ stdout: true, stderr: true }, 5000)).to.equal('');
    expect(replay({ stdout: false, stderr: false }, 5000)).to.equal('');
  });
});
