import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AttachedSettings } from '../loads/docker-attached.js';
import type { PingReport, PingSettings } from '../loads/docker-pings.js';
import { BrokerAtRest } from '../servers/broker-at-rest.js';
import { DOCKERD, pidOf, startDockerd } from '../servers/dockerd.js';
import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { cpuSeconds } from '../support/cpu-time.js';
import { startLoad } from '../support/load.js';
import { withResources, type Defer } from '../support/resources.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { scaled, type BenchOptions } from './options.js';
import type { Contender, Row, Sample } from './row.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const COPIED_MIB = 1024;
const PINGS = 10_000;
const ATTACHED = 1000;
/** Streams before the measurement, so that one-time costs of the code do not count. */
const FIRST_ATTACHED = 50;

/** A Docker socket, and the process that answers at it. */
interface Host {
  readonly pid: number;
  readonly socketPath: string;
}

type Start = (defer: Defer) => Promise<Host>;

/** Files of 1 GiB by `docker cp`, into a container and back. */
export function dockerCopy(options: BenchOptions): Row {
  const size = scaled(options, COPIED_MIB, 8);
  return {
    name: 'docker-cp',
    work: `docker cp of ${size.toLocaleString('en-US')} MiB into a container and back`,
    unit: 'MiB/s',
    better: 'more',
    contenders: contenders(options, (start) => copy(size, start)),
    targets: [{ kind: 'ratio', peer: DOCKERD.name, reach: 0.8, stretch: 0.95 }],
  };
}

/** Short requests that pass to the engine, one after the other. */
export function dockerPings(options: BenchOptions): Row {
  const count = scaled(options, PINGS);
  return {
    name: 'docker-pings',
    work: `${count.toLocaleString('en-US')} requests for /_ping, one after the other`,
    unit: 'pings/s',
    better: 'more',
    contenders: contenders(options, (start) => ping(count, options, start)),
    targets: [{ kind: 'ratio', peer: DOCKERD.name, reach: 0.3, stretch: 0.6 }],
  };
}

/** Memory of the broker for each attached stream on which nothing happens. */
export function dockerAttached(options: BenchOptions): Row {
  return {
    name: 'docker-attached',
    work: `memory per idle attached stream, ${ATTACHED.toLocaleString('en-US')} of them`,
    unit: 'KiB',
    better: 'less',
    contenders: [{ ...FOGHORN, missing: DOCKERD.missing, run: () => attach(options) }],
    targets: [{ kind: 'bound', reach: 40, stretch: 20 }],
  };
}

function contenders(
  options: BenchOptions,
  measure: (start: Start) => Promise<Sample>,
): readonly Contender[] {
  const alone: Start = async (defer) => {
    const dockerd = await startDockerd(defer);
    return { pid: pidOf(dockerd), socketPath: dockerd.socket };
  };
  const through: Start = async (defer) => {
    const { socketPath, flags } = inFrontOf((await startDockerd(defer)).socket, defer);
    const { pid } = await startFoghorn(options, defer, undefined, flags);
    return { pid, socketPath };
  };
  return [
    { ...FOGHORN, missing: DOCKERD.missing, run: () => measure(through) },
    { ...DOCKERD, run: () => measure(alone) },
  ];
}

/** Flags of a broker in front of an engine, and its Docker socket. */
function inFrontOf(engine: string, defer: Defer): { socketPath: string; flags: string[] } {
  const directory = temporaryDirectory(defer);
  const socketPath = join(directory, 'docker.sock');
  const docker = ['--engine', engine, '--docker', `unix://${socketPath}`];
  return { socketPath, flags: [...docker, '--record-spool', join(directory, 'spools')] };
}

function copy(size: number, start: Start): Promise<Sample> {
  return withResources(async (defer) => {
    const { pid, socketPath } = await start(defer);
    const env = { ...process.env, DOCKER_HOST: `unix://${socketPath}` };
    const docker = (...args: string[]) => run('docker', args, { env });
    const file = join(temporaryDirectory(defer), 'data');
    writeFileSync(file, Buffer.alloc(size * MIB, 'Foghorn '));
    await docker('create', '--name', 'copy', '--network', 'none', 'busybox:latest', '/bin/true');
    const cpu = cpuSeconds('the server', pid);
    const begun = performance.now();
    await docker('cp', file, 'copy:/data');
    const between = performance.now();
    await run('sh', ['-c', 'docker cp copy:/data - > /dev/null'], { env });
    const ended = performance.now();
    const spent = cpuSeconds('the server', pid) - cpu;
    const rate = (milliseconds: number): number => (size * 1000) / milliseconds;
    return {
      value: 2 * rate(ended - begun),
      details: {
        'MiB/s into it': rate(between - begun),
        'MiB/s back': rate(ended - between),
        'CPU µs for each MiB': (spent * 1e6) / (2 * size),
      },
    };
  });
}

function ping(count: number, { profile }: BenchOptions, start: Start): Promise<Sample> {
  return withResources(async (defer) => {
    const { pid, socketPath } = await start(defer);
    const settings: PingSettings = { socketPath, warmUp: Math.ceil(count / 5), count };
    const load = await startLoad('docker-pings', settings, profile);
    defer(() => load.kill());
    await load.line('begin');
    const cpu = cpuSeconds('the server', pid);
    await load.line('end');
    const spent = cpuSeconds('the server', pid) - cpu;
    const { seconds } = JSON.parse(await load.line('{')) as PingReport;
    return { value: count / seconds, details: { 'server CPU µs': (spent * 1e6) / count } };
  });
}

function attach(options: BenchOptions): Promise<Sample> {
  return withResources(async (defer) => {
    const dockerd = await startDockerd(defer);
    const container = await dockerd.runDetached('attached', 'sleep 1000');
    const { socketPath, flags } = inFrontOf(dockerd.socket, defer);
    const broker = await BrokerAtRest.start(options, defer, undefined, flags);
    const attachMore = async (count: number): Promise<void> => {
      const settings: AttachedSettings = { socketPath, container, count };
      const load = await startLoad('docker-attached', settings, undefined);
      defer(() => load.kill());
      await load.line('attached');
    };
    await attachMore(FIRST_ATTACHED);
    const before = await broker.memory();
    await attachMore(ATTACHED);
    const after = await broker.memory();
    return {
      value: (after - before) / ATTACHED / 1024,
      details: { 'MiB with the first': before / MIB, 'MiB with all': after / MIB },
    };
  });
}
