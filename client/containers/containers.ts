import { Metadata } from '@grpc/grpc-js';
import type { ContainerSelection, Knowledge } from '../../protos/gen/foghorn/v1/containers.js';
import { momentTimestamp, type Moment } from '../moment.js';
import type { Connection } from '../transport/connection.js';
import { serverStream } from '../transport/server-stream.js';
import type { Container, RunOfContainer } from '../../protocol/container.js';
import { containerWithRun, nanosIn, runOfContainerIn } from './container.js';

/** Selects containers; one has to fit everything that is given. */
export interface ContainerFilter {
  /** The containerd namespace; all unless given. */
  readonly namespace?: string | undefined;
  /**
   * A whole id, a name, or the beginning of an id. Those that fit in the first of these ways are
   * selected, which may be several.
   */
  readonly reference?: string | undefined;
  /** The image: as it was named, in Docker's short form, or without the tag. */
  readonly image?: string | undefined;
  /** Labels, each as `name` or `name=value`. */
  readonly labels?: readonly string[] | undefined;
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
}

export interface ContainersOptions extends ContainerFilter {
  /** The moment in question; now unless given. */
  readonly at?: Moment | undefined;
  /** Also returns containers that were removed by then. */
  readonly includeRemoved?: boolean | undefined;
}

export interface RunsOptions extends ContainerFilter {
  /** Only runs that ended at this time or later. */
  readonly since?: Moment | undefined;
  /** Only runs that ended at this time or before. */
  readonly until?: Moment | undefined;
  /** Only runs with an exit code other than 0, a start that failed, or an unknown end. */
  readonly failedOnly?: boolean | undefined;
  /** Also returns runs that overlap the span and had not ended by its end. */
  readonly includeOpen?: boolean | undefined;
}

/** How much an answer about containers covers. */
export interface Extent {
  /**
   * Time of the first kept entry, in nanoseconds since the Unix epoch; undefined while the history
   * is empty. What was before is known only as far as later entries report it.
   */
  readonly knownFrom: bigint | undefined;
  /** A recorder is away, or does not answer: what happened lately may be missing. */
  readonly maybeOutdated: boolean;
}

export async function listContainers(
  connection: Connection,
  { at, includeRemoved = false, ...filter }: ContainersOptions,
): Promise<Extent & { readonly containers: readonly Container[] }> {
  const request = { at: momentTimestamp(at, 'at'), selection: selectionOf(filter), includeRemoved };
  const containers: Container[] = [];
  let extent = NOTHING_KNOWN;
  const responses = serverStream(connection, filter, ({ history }) =>
    history.containers(request, new Metadata()),
  );
  for await (const { containers: some, knowledge } of responses) {
    extent = knowledge === undefined ? extent : extentIn(knowledge);
    for (const each of some) containers.push(containerWithRun(each));
  }
  filter.signal?.throwIfAborted();
  return { ...extent, containers };
}

export async function listRuns(
  connection: Connection,
  { since, until, failedOnly = false, includeOpen = false, ...filter }: RunsOptions,
): Promise<Extent & { readonly runs: readonly RunOfContainer[] }> {
  const request = {
    since: momentTimestamp(since, 'since'),
    until: momentTimestamp(until, 'until'),
    failedOnly,
    includeOpen,
    selection: selectionOf(filter),
  };
  const runs: RunOfContainer[] = [];
  let extent = NOTHING_KNOWN;
  const responses = serverStream(connection, filter, ({ history }) =>
    history.runs(request, new Metadata()),
  );
  for await (const { runs: some, knowledge } of responses) {
    extent = knowledge === undefined ? extent : extentIn(knowledge);
    for (const each of some) runs.push(runOfContainerIn(each));
  }
  filter.signal?.throwIfAborted();
  return { ...extent, runs };
}

const NOTHING_KNOWN: Extent = { knownFrom: undefined, maybeOutdated: false };

function extentIn({ knownFrom, maybeOutdated }: Knowledge): Extent {
  return { knownFrom: nanosIn(knownFrom), maybeOutdated };
}

function selectionOf({ namespace, reference, image, labels }: ContainerFilter): ContainerSelection {
  return {
    namespace: namespace ?? '',
    reference: reference ?? '',
    image: image ?? '',
    labels: [...(labels ?? [])],
  };
}
