import type { Container } from '../../protocol/container.js';
import { checkReads, type Caller } from '../access/caller.js';
import { containerAt } from './container-at.js';
import { isSelected, type ContainerSelection } from './container-selection.js';
import type { RunSource } from './exit-wait.js';
import { findContainers, keysOf } from './find-containers.js';
import { foldContainers } from './fold-containers.js';

/** A question about containers at a moment. */
export interface ContainerQuery {
  /** ns since 1970; undefined is now. */
  readonly at: bigint | undefined;
  /** Time of the first kept entry, ns since 1970: see `Knowledge`. */
  readonly knownFrom?: bigint | undefined;
  readonly selection: ContainerSelection;
  /** Whether containers that were removed by then are returned, too. */
  readonly includeRemoved: boolean;
}

/**
 * The containers that existed at a moment, in no particular order, a few at a time. The caller has
 * brought the history up to date: see `knowledgeOf`. Containers that it may not read are left out.
 * Throws PERMISSION_DENIED if it names a namespace that it may not read.
 */
export async function* containersAt(
  { broker }: Pick<RunSource, 'broker'>,
  caller: Caller,
  { at, knownFrom, selection, includeRemoved }: ContainerQuery,
): AsyncGenerator<readonly Container[], void, undefined> {
  const { namespace, reference } = selection;
  checkReads(caller, namespace);
  const folded =
    reference === undefined
      ? foldContainers(broker, caller, keysOf(broker, caller, selection), at)
      : [await findContainers(broker, caller, namespace, reference, at)];
  for await (const lifecycles of folded) {
    const found: Container[] = [];
    for (const lifecycle of lifecycles) {
      const container = containerAt(lifecycle, at, knownFrom);
      if (container === undefined || !isSelected(container, selection)) continue;
      if (includeRemoved || container.state !== 'removed') found.push(container);
    }
    yield found;
  }
}
