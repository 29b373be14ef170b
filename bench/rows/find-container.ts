import type { ContainerFinderReport } from '../loads/container-finder.js';
import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { startLoad } from '../support/load.js';
import { withResources } from '../support/resources.js';
import { foghornHistory, historyExtent } from './histories.js';
import type { BenchOptions } from './options.js';
import { EVENTS_PER_CONTAINER } from './our-history.js';
import { readWholeHistory } from './replay.js';
import type { Row, Sample } from './row.js';

const READING_ALL = 'reading all of it';

/** Finding a container's few events among very many, beside reading everything without an index. */
export function findContainer(options: BenchOptions): Row {
  const { events } = historyExtent(options);
  const readingAll = async (): Promise<Sample> => {
    const { value, details } = await readWholeHistory(options);
    return { value: (events / value) * 1000, details };
  };
  return {
    name: 'find-container',
    work: `finding ${EVENTS_PER_CONTAINER} events of one container in ${events.toLocaleString('en-US')}`,
    unit: 'ms',
    better: 'less',
    contenders: [
      { ...FOGHORN, run: () => find(options) },
      { ...FOGHORN, name: READING_ALL, run: readingAll },
    ],
    targets: [{ kind: 'ratio', peer: READING_ALL, reach: 1 / 20, stretch: 1 / 100 }],
  };
}

function find(options: BenchOptions): Promise<Sample> {
  return withResources(async (defer) => {
    const { address } = await startFoghorn(options, defer, await foghornHistory(options));
    const { containers } = historyExtent(options);
    const settings = { address, containers, events: EVENTS_PER_CONTAINER };
    const finder = await startLoad('container-finder', settings, options.profile);
    defer(() => finder.kill());
    const { mean, slowest } = JSON.parse(await finder.line('{')) as ContainerFinderReport;
    await finder.ended();
    return { value: mean, details: { 'slowest ms': slowest } };
  });
}
