import { expect } from 'chai';
import type { Container, ContainerRun } from '../../../../protocol/container.js';
import type { TopSample } from '../../../../cli/commands/top/sample.js';
import { topLines, topRows, type TopLayout } from '../../../../cli/commands/top/top-lines.js';
import { textWidth } from '../../../../cli/format/text-width.js';
import { Consumer } from '../../../../protos/gen/foghorn/v1/consumers.js';
import { DescribeResponse } from '../../../../protos/gen/foghorn/v1/history.js';

const SECOND = 1_000_000_000n;
const NOW = 1_800_000_000n * SECOND;

const run = (fields: Partial<ContainerRun>): ContainerRun => ({
  pid: 1,
  startedAt: NOW - 90n * SECOND,
  finishedAt: undefined,
  exitCode: undefined,
  lostReason: '',
  lastSeen: undefined,
  failedToStart: false,
  oom: false,
  cursor: '',
  ...fields,
});
const container = (name: string, state: Container['state'], its: ContainerRun): Container => ({
  namespace: 'moby',
  id: name,
  name,
  image: 'docker.io/library/nginx:1.27',
  labels: new Map(),
  state,
  createdAt: undefined,
  removedAt: undefined,
  run: its,
});
const sample = (entryCount: bigint, time: bigint): TopSample => {
  const bad = run({ finishedAt: NOW - 30n * SECOND, exitCode: 3 });
  return {
    time,
    description: DescribeResponse.fromPartial({ entryCount, storedBytes: 2048n }),
    containers: [container('web', 'running', run({})), container('bad', 'exited', bad)],
    ended: [{ container: container('bad', 'exited', bad), run: bad }],
    consumers: [Consumer.fromPartial({ name: 'mail', lag: 12n, parked: 1n, members: 2 })],
    maybeOutdated: false,
  };
};
const layout = (fields: Partial<TopLayout> = {}): TopLayout => ({
  columns: 80,
  rows: 12,
  isStyled: false,
  view: 'containers',
  scrolled: 0,
  trouble: undefined,
  ...fields,
});

describe('foghorn top', () => {
  it('shows rates between two samples, and what runs', () => {
    const lines = topLines(sample(1100n, NOW), sample(1000n, NOW - 2n * SECOND), layout());
    expect(lines).to.have.length(12);
    expect(lines[0]).to.match(/^50 events\/s {3}1100 kept in 2\.0 KiB/);
    expect(lines[1]).to.equal('2 containers, 1 running   last day: 1 runs ended, 1 failed');
    expect(lines[3]).to.match(/^NAME +IMAGE +STATE +FOR +NAMESPACE/);
    expect(lines[4]).to.match(/^web +nginx:1\.27 +running +1 m 30 s +moby/);
    expect(lines[5]).to.match(/^bad +nginx:1\.27 +exited 3 +1 m +moby/);
  });

  it('shows the runs that ended', () => {
    const lines = topLines(sample(1n, NOW), undefined, layout({ view: 'exits' }));
    expect(lines[0]).to.match(/^– events\/s/);
    expect(lines[4]).to.match(/bad +exited 3 +1 m +nginx:1\.27/);
  });

  it('shows the history and its durable consumers', () => {
    const tall = layout({ view: 'broker', rows: 30 });
    const lines = topLines(sample(7n, NOW), undefined, tall).join('\n');
    expect(lines).to.match(/^Entries +7$/m);
    expect(lines).to.match(/^mail +12 +0 +2 +0 +0 +1 +active/m);
    const scrolled = { ...tall, rows: 8, scrolled: topRows(sample(7n, NOW), 'broker') - 1 };
    expect(topLines(sample(7n, NOW), undefined, scrolled)[4]).to.match(/^mail /);
  });

  it('fits the terminal, scrolls, and says that the broker is away', () => {
    const trouble = 'the broker does not answer: '.padEnd(200, 'x');
    const small = { columns: 40, rows: 6, scrolled: 1, trouble };
    const lines = topLines(sample(1n, NOW), undefined, layout(small));
    expect(lines).to.have.length(6);
    for (const line of lines) expect(textWidth(line), line).to.be.at.most(40);
    expect(lines[4]).to.match(/^bad/);
    expect(lines[5]).to.match(/^the broker does not answer/);
  });
});
