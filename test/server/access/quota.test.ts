import { expect } from 'chai';
import { FoghornError } from '../../../protocol/errors.js';
import { Quota } from '../../../server/access/quota.js';
import { Quotas } from '../../../server/access/quotas.js';
import { limitsOf } from '../../../server/access/rules.js';
import { parseAccessFile } from '../../../server/access/access-file.js';

describe('a quota', () => {
  let now = 0;

  function quotaOf(limits: Parameters<Quota['apply']>[0]): Quota {
    now = 0;
    const quota = new Quota(
      'a',
      () => undefined,
      () => now,
    );
    quota.apply(limits);
    return quota;
  }

  function refusal(work: () => unknown): FoghornError {
    try {
      work();
    } catch (error) {
      expect(error).to.be.instanceOf(FoghornError);
      return error as FoghornError;
    }
    throw new Error('it was not refused');
  }

  it('admits a second of events at once, and then as many as the rate gives', () => {
    const quota = quotaOf({ 'events-in': 10 });
    for (let sent = 0; sent < 10; sent++) {
      quota.checkIn();
      quota.countIn(1, 1000);
    }
    const { code, message, retryAfterMs, retryable, httpStatus } = refusal(() => {
      quota.checkIn();
    });
    expect({ code, retryAfterMs, retryable, httpStatus }).to.deep.equal({
      code: 'RESOURCE_EXHAUSTED',
      retryAfterMs: 1,
      retryable: true,
      httpStatus: 429,
    });
    expect(message).to.equal(
      '"a" may have at most 10 events-in per second: expected a pause of 1 ms',
    );
    let admitted = 0;
    for (now = 1; now <= 10_000; now++) {
      try {
        quota.checkIn();
        quota.countIn(1, 1000);
        admitted += 1;
      } catch {
        // Too early.
      }
    }
    expect(admitted).to.be.within(99, 101);
  });

  it('admits an amount above the rate, and asks for as long a pause as it is worth', () => {
    const quota = quotaOf({ 'bytes-in': 1000 });
    quota.countIn(1, 5000);
    const checkIn = (): void => {
      quota.checkIn();
    };
    expect(refusal(checkIn).retryAfterMs).to.equal(4000);
    now = 4001;
    quota.checkIn();
  });

  it('makes readers wait for events and for bytes', () => {
    const quota = quotaOf({ 'events-out': 2, 'bytes-out': 100 });
    expect(quota.waitOutMs).to.equal(0);
    quota.countOut([{ wireBytes: 200 }]);
    expect(quota.waitOutMs).to.equal(1000);
    now = 1001;
    quota.countOut([{ wireBytes: 1 }, { wireBytes: 1 }, { wireBytes: 1 }, { wireBytes: 1 }]);
    expect(quota.waitOutMs).to.equal(1000);
  });

  it('counts what is held until it is given back, once', () => {
    const quota = quotaOf({ waits: 2 });
    const [first] = [quota.hold('waits'), quota.hold('waits')];
    expect(refusal(() => quota.hold('waits')).retryAfterMs).to.equal(1000);
    first();
    first();
    quota.hold('waits');
    refusal(() => quota.hold('waits'));
    for (let n = 0; n < 100; n++) quota.hold('connections');
  });

  it('holds no subscription whose filters are too many', () => {
    const quota = quotaOf({ subscriptions: 1, filters: 3 });
    refusal(() => quota.holdSubscription(4));
    const leave = quota.holdSubscription(3);
    refusal(() => quota.holdSubscription(0));
    leave();
    quota.holdSubscription(3);
  });

  it('keeps what was used when limits change, and is the same for all with one name', () => {
    const quotas = new Quotas(() => undefined);
    const one = quotas.of('a', { waits: 1 })!;
    one.hold('waits');
    const other = quotas.of('a', { waits: 2 })!;
    other.hold('waits');
    refusal(() => one.hold('waits'));
    expect(quotas.of('b', { waits: 1 })).to.not.equal(one);
    expect(quotas.of('a', undefined)).to.equal(undefined);
  });

  it('has of each limit the largest that a role of the caller names', () => {
    const file = `
roles:
  small: { quota: { events-in: 10, waits: 5 } }
  large: { quota: { events-in: 100 } }
  none: { read: ['*'] }
grants:
  - { role: small, to: [a, b] }
  - { role: large, to: [a] }
  - { role: none, to: [a, b, c] }
`;
    const rules = parseAccessFile('access.yaml', file);
    const of = (name: string) => limitsOf(rules, { name, groups: [] });
    expect(of('a')).to.deep.equal({ 'events-in': 100, waits: 5 });
    expect(of('b')).to.deep.equal({ 'events-in': 10, waits: 5 });
    expect(of('c')).to.equal(undefined);
  });
});
