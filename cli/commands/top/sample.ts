import type { Client, Consumer, RunOfContainer } from '../../../client/index.js';
import { systemClock } from '../../../protocol/clock.js';
import type { Container } from '../../../protocol/container.js';
import type { DescribeResponse } from '../../../protos/gen/foghorn/v1/history.js';

/** Span of the ended runs that are shown, ns. */
const RECENT = 24n * 3600n * 1_000_000_000n;

/** The broker at one moment. */
export interface TopSample {
  /** ns since 1970. */
  readonly time: bigint;
  readonly description: DescribeResponse;
  /** Those that exist, the ones that run first, newest first. */
  readonly containers: readonly Container[];
  /** Runs of the last day that have ended, newest first. */
  readonly ended: readonly RunOfContainer[];
  /** The durable consumers of the caller, in order of their names. */
  readonly consumers: readonly Consumer[];
  /** Whether the newest events may be missing. */
  readonly maybeOutdated: boolean;
}

/** Rejects with the broker's error, and with UNAVAILABLE when it cannot be reached. */
export async function takeSample(client: Client, signal: AbortSignal): Promise<TopSample> {
  const time = systemClock();
  const [description, { containers, maybeOutdated }, { runs }, consumers] = await Promise.all([
    client.describe({ signal }),
    client.containers({ signal }),
    client.runs({ since: time - RECENT, signal }),
    client.consumers.list({ signal }),
  ]);
  return {
    time,
    description,
    consumers,
    containers: [...containers].sort(byActivity),
    ended: [...runs].sort((a, b) => compare(endOf(b), endOf(a))),
    maybeOutdated,
  };
}

function byActivity(one: Container, other: Container): number {
  const runs = ({ state }: Container): number => Number(state === 'running' || state === 'paused');
  return runs(other) - runs(one) || compare(beginOf(other), beginOf(one));
}

function beginOf({ run, createdAt }: Container): bigint {
  return run?.startedAt ?? createdAt ?? 0n;
}

function endOf({ run }: RunOfContainer): bigint {
  return run.finishedAt ?? run.lastSeen ?? 0n;
}

function compare(one: bigint, other: bigint): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
