import { expect } from 'chai';
import type { ApiContainerRun, ApiRun } from '../../../web/api/runs.js';
import {
  firstEndingAfter,
  runAt,
  runHistory,
  searchRows,
} from '../../../web/containers/run-history.js';

const T = Date.parse('2026-01-01T00:00:00Z');
const at = (second: number): string => new Date(T + second * 1000).toISOString();
const run = (id: string, fields: Partial<ApiRun>): ApiContainerRun => ({
  container: {
    namespace: 'moby',
    id: `0ba${id}`,
    name: id,
    image: 'busybox',
    labels: { app: `of-${id}` },
    state: 'exited',
    created_at: null,
    removed_at: null,
  },
  started_at: null,
  finished_at: null,
  exit_code: null,
  lost_reason: '',
  last_seen: null,
  failed_to_start: false,
  oom: false,
  ...fields,
});

describe('a history of runs', () => {
  const history = runHistory(
    [
      run('old', { started_at: at(0), finished_at: at(5), exit_code: 0 }),
      run('web', { started_at: at(20) }),
      run('web', { started_at: at(2), finished_at: at(10), exit_code: 1 }),
      run('gone', { started_at: at(1), last_seen: at(8), lost_reason: 'host rebooted' }),
      run('bad', { finished_at: at(4), exit_code: 127, failed_to_start: true }),
    ],
    T + 30_000,
  );
  const row = (name: string) => history.rows.find(({ container }) => container.name === name)!;

  it('has a row for each container, the one that was active last first', () => {
    expect(history.rows.map(({ container }) => container.name)).to.deep.equal([
      'web',
      'bad',
      'gone',
      'old',
    ]);
    expect([history.from, history.to]).to.deep.equal([T, T + 30_000]);
  });

  it('has the runs of a container in order, with their outcomes', () => {
    expect(row('web').runs.map(({ outcome, end }) => [outcome, end])).to.deep.equal([
      ['failed', T + 10_000],
      ['running', Infinity],
    ]);
    expect(row('gone').runs[0]).to.include({ outcome: 'lost', end: T + 8000 });
    expect(row('bad').runs[0]).to.include({ outcome: 'failed', start: T + 4000, end: T + 4000 });
  });

  it('finds the run at a moment', () => {
    expect(runAt(row('web'), T + 3000)?.outcome).to.equal('failed');
    expect(runAt(row('web'), T + 15_000)).to.equal(undefined);
    expect(runAt(row('web'), T + 25_000)?.outcome).to.equal('running');
    expect(firstEndingAfter(row('web'), T + 10_000)).to.equal(1);
  });

  it('is searched by name, image and labels', () => {
    const found = (search: string): string[] =>
      searchRows(history.rows, search).map(({ container }) => container.name);
    expect(found('WEB')).to.deep.equal(['web']);
    expect(found('busybox app=of-old')).to.deep.equal(['old']);
    expect(found('0baol')).to.deep.equal(['old']);
    expect(found('ba')).to.deep.equal(['bad']);
    expect(found('nothing')).to.deep.equal([]);
  });
});
