import { expect } from 'chai';
import {
  budgetText,
  retentionJson,
  retentionText,
} from '../../../../cli/commands/describe/retention-text.js';
import { DescribeResponse } from '../../../../protos/gen/foghorn/v1/history.js';

const WEEK = { seconds: 604_800n, nanos: 0 };
const NONE = { age: undefined, exitsAge: undefined };

describe('retention in words', () => {
  it('names the limits that there are', () => {
    const all = { age: WEEK, bytes: 1n << 30n, exitsAge: { seconds: 2_592_000n, nanos: 0 } };
    expect(retentionText(all)).to.equal('7 days, 1.0 GiB of events; exits 30 days');
    const both = retentionText({ ...all, exitsBytes: 512n << 20n });
    expect(both).to.equal('7 days, 1.0 GiB of events; exits 30 days, 512.0 MiB');
    expect(retentionText({ ...NONE, exitsBytes: 1n << 10n })).to.equal('all events; exits 1.0 KiB');
    expect(retentionText({ ...NONE, count: 5000n })).to.equal('5,000 events; exits without limit');
    expect(retentionText(NONE)).to.equal('all events; exits without limit');
  });

  it('formats the used part of the budget', () => {
    const used = DescribeResponse.fromPartial({ entryBytes: 1536n });
    expect(budgetText({ ...used, retention: { ...NONE, bytes: 4096n } })).to.equal(
      '1.5 KiB of 4.0 KiB',
    );
    expect(budgetText({ ...used, retention: NONE })).to.equal('1.5 KiB, no limit');
  });

  it('is null in JSON where there is no limit', () => {
    const age = { seconds: 1n, nanos: 500_000_000 };
    expect(retentionJson({ ...NONE, age, bytes: 7n })).to.deep.equal({
      age_seconds: 1.5,
      bytes: 7,
      count: null,
      exits_age_seconds: null,
      exits_bytes: null,
    });
  });
});
