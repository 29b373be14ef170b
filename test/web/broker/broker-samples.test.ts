import { expect } from 'chai';
import type { ApiDescription } from '../../../web/api/broker.js';
import { storedRate, type BrokerSample } from '../../../web/broker/broker-samples.js';

const sample = (time: number, offset: number, epoch = 'e'): BrokerSample => ({
  time,
  description: { epoch, last: { offset, stored_at: null } } as ApiDescription,
  readers: [],
  recorders: [],
  consumers: [],
  activity: undefined,
  readiness: { ready: true, reasons: [], warnings: [] },
});

describe('the rate of stored events', () => {
  it('is measured between two samples', () => {
    expect(storedRate(sample(4000, 600), sample(2000, 100))).to.equal(250);
  });

  it('is not known for the first sample, and across another history', () => {
    expect(storedRate(sample(4000, 600), undefined)).to.equal(undefined);
    expect(storedRate(sample(4000, 2, 'f'), sample(2000, 100))).to.equal(undefined);
  });
});
