import { expect } from 'chai';
import { pan, ticks, toTime, toX, within, zoom } from '../../../web/containers/time-scale.js';

const HOUR = 3_600_000;
const scale = { from: 0, to: HOUR, width: 600 };

describe('a time scale', () => {
  it('maps times to pixels and back', () => {
    expect(toX(scale, HOUR / 2)).to.equal(300);
    expect(toTime(scale, 150)).to.equal(HOUR / 4);
  });

  it('keeps the time below the pointer while it zooms', () => {
    const zoomed = zoom(scale, 0.5, 150);
    expect(toTime(zoomed, 150)).to.equal(HOUR / 4);
    expect(zoomed.to - zoomed.from).to.equal(HOUR / 2);
  });

  it('moves by pixels', () => {
    expect(pan(scale, 60)).to.include({ from: HOUR / 10, to: (HOUR / 10) * 11 });
  });

  it('never leaves the history, and never shows more than twice of it', () => {
    const history = { from: 0, to: HOUR };
    const far = within({ ...scale, from: 10 * HOUR, to: 11 * HOUR }, history);
    expect(far.from).to.be.lessThan(HOUR);
    const wide = within({ ...scale, from: -100 * HOUR, to: 100 * HOUR }, history);
    expect(wide.to - wide.from).to.equal(2 * HOUR);
  });

  it('has ticks at round times that do not touch', () => {
    const { step, times } = ticks(scale);
    expect(step).to.equal(15 * 60_000);
    expect(times.length).to.be.within(4, 5);
    for (const time of times) expect(time % step).to.equal(0);
  });
});
