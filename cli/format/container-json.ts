import type { Container, ContainerRun, RunOfContainer } from '../../protocol/container.js';
import { formatRfc3339 } from '../../protocol/rfc3339.js';
import { timestampFromNanos } from '../../protocol/timestamp.js';
import { spanOf } from './container-text.js';

/** A container as an object for JSON and templates. @param at ns since 1970 */
export function containerObject(container: Container, at: bigint): object {
  const { run } = container;
  return { ...detailsOf(container), ...(run && runObject(run, at)) };
}

/** A run and its container as an object for JSON and templates. @param at ns since 1970 */
export function runOfContainerObject({ container, run }: RunOfContainer, at: bigint): object {
  return { ...detailsOf(container), ...runObject(run, at) };
}

function detailsOf(container: Omit<Container, 'run'>): object {
  const { namespace, id, name, image, labels, state, createdAt, removedAt } = container;
  return {
    namespace,
    id,
    name,
    image,
    labels: Object.fromEntries(labels),
    state,
    createdAt: timeOf(createdAt),
    removedAt: timeOf(removedAt),
  };
}

function runObject(run: ContainerRun, at: bigint): object {
  const { pid, startedAt, finishedAt, exitCode, lostReason, lastSeen, failedToStart, oom, cursor } =
    run;
  const span = spanOf(run, at);
  return {
    pid: pid || undefined,
    startedAt: timeOf(startedAt),
    finishedAt: timeOf(finishedAt),
    exitCode,
    seconds: span === undefined ? undefined : Number(span) / 1e9,
    lostReason: lostReason || undefined,
    lastSeen: timeOf(lastSeen),
    failedToStart: failedToStart || undefined,
    oom: oom || undefined,
    cursor: cursor || undefined,
  };
}

function timeOf(time: bigint | undefined): string | undefined {
  return time === undefined ? undefined : formatRfc3339(timestampFromNanos(time), 'needed');
}
