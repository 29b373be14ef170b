import { expect } from 'chai';
import { systemClock } from '../../protocol/clock.js';

describe('the system clock', () => {
  it("returns the system's time", () => {
    for (let i = 0; i < 1000; i++) {
      const before = Date.now();
      const time = Number(systemClock() / 1_000_000n);
      expect(time).to.be.within(before - 3, Date.now() + 3);
    }
  });

  it('distinguishes moments within one millisecond', () => {
    const times = Array.from({ length: 1000 }, () => systemClock());
    const distinct = new Set(times).size;
    const milliseconds = new Set(times.map((time) => time / 1_000_000n)).size;
    expect(distinct).to.be.above(milliseconds * 10);
  });

  it('follows steps of the system clock in both directions', () => {
    const { now } = Date;
    try {
      for (const step of [0, 3_600_000, -86_400_000, 5]) {
        Date.now = () => now() + step;
        expect(Number(systemClock() / 1_000_000n)).to.be.within(Date.now() - 3, Date.now() + 3);
      }
    } finally {
      Date.now = now;
    }
  });

  it('moves forward when its process is suspended between two readings', () => {
    const { now } = Date;
    try {
      for (let suspensions = 0; suspensions < 20; suspensions++) {
        const before = systemClock();
        Date.now = () => {
          Date.now = now;
          const end = now() + 10;
          while (now() < end);
          return now();
        };
        const during = systemClock();
        expect(during > before, 'after the suspension').to.equal(true);
        expect(systemClock() > during, 'later').to.equal(true);
      }
    } finally {
      Date.now = now;
    }
  });
});
