import type { Caller } from '../access/caller.js';
import type { Broker } from '../broker/broker.js';
import type { ContainerKey } from '../events/filing.js';
import { containerAt } from './container-at.js';
import {
  referenceKind,
  type ContainerSelection,
  type ReferenceKind,
} from './container-selection.js';
import { foldContainers } from './fold-containers.js';
import type { ContainerLifecycle } from './lifecycle.js';

/** All containers of a namespace, or of all namespaces. */
export function keysOf(
  broker: Broker,
  caller: Caller,
  { namespace }: Pick<ContainerSelection, 'namespace'>,
): AsyncIterable<ContainerKey> {
  return namespace === undefined
    ? broker.containerKeys(caller, '')
    : broker.containers(caller, namespace);
}

/**
 * The containers that a reference names: those with this id, or else with this name, or else whose
 * id begins with it. Several are found if they fit equally.
 */
export async function findContainers(
  broker: Broker,
  caller: Caller,
  namespace: string | undefined,
  reference: string,
  at: bigint | undefined,
): Promise<readonly ContainerLifecycle[]> {
  const byId = await foundById(broker, caller, namespace, reference, at);
  if (byId.length > 0) return byId;
  const found: Record<ReferenceKind, ContainerLifecycle[]> = { id: [], name: [], prefix: [] };
  for await (const lifecycles of foldContainers(
    broker,
    caller,
    keysOf(broker, caller, { namespace }),
    at,
  )) {
    for (const lifecycle of lifecycles) {
      const container = containerAt(lifecycle, at);
      const kind = container && referenceKind(container, reference);
      if (kind !== undefined) found[kind].push(lifecycle);
    }
  }
  return found.name.length > 0 ? found.name : found.prefix;
}

async function foundById(
  broker: Broker,
  caller: Caller,
  namespace: string | undefined,
  reference: string,
  at: bigint | undefined,
): Promise<readonly ContainerLifecycle[]> {
  const keys: ContainerKey[] = [];
  if (namespace !== undefined) keys.push({ namespace, container: reference });
  else {
    for await (const key of broker.containerKeys(caller, '')) {
      if (key.container === reference) keys.push(key);
    }
  }
  const found: ContainerLifecycle[] = [];
  for await (const lifecycles of foldContainers(broker, caller, keys, at))
    found.push(...lifecycles);
  return found;
}
