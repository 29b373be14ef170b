import { expect } from 'chai';
import { onAbort } from '../../client/on-abort.js';

describe('onAbort', () => {
  it('calls back all that still wait, once, with one listener', () => {
    const controller = new AbortController();
    const calls: number[] = [];
    const stops = Array.from({ length: 20 }, (_, n) =>
      onAbort(controller.signal, () => calls.push(n)),
    );
    for (const stop of stops.slice(0, 17)) stop();
    controller.abort();
    expect(calls).to.deep.equal([17, 18, 19]);
  });

  it('calls back at once for an aborted signal, and does nothing without a signal', () => {
    let calls = 0;
    const count = () => {
      calls++;
    };
    onAbort(AbortSignal.abort(), count)();
    onAbort(undefined, count)();
    expect(calls).to.equal(1);
  });
});
