import {
  NamespaceCreate,
  NamespaceDelete,
  NamespaceUpdate,
} from '../../../protos/gen/containerd/events/namespace.js';
import type { Caller } from '../../access/caller.js';
import type { Broker } from '../../broker/broker.js';
import type { EventView } from '../../events/event-view.js';
import { NAMESPACES_KEY } from '../../events/filed-types.js';
import { typeName } from '../../events/type-name.js';
import { foldContainer } from '../../runs/container-past.js';

/** The labels of each namespace. */
export type NamespaceStates = ReadonlyMap<string, ReadonlyMap<string, string>>;

const EVERYTHING = { after: 0, upTo: Infinity };

/** Derives all namespaces from the events that report their creation, change and deletion. */
export function namespaceStates(broker: Broker, caller: Caller): Promise<NamespaceStates> {
  const ofEveryNamespace = { namespace: undefined, container: NAMESPACES_KEY };
  return foldContainer(broker, caller, ofEveryNamespace, EVERYTHING, {
    begin: () => new Map<string, Map<string, string>>(),
    take(states, event) {
      apply(states, event);
      return true;
    },
  });
}

function apply(states: Map<string, Map<string, string>>, { payload }: EventView): void {
  if (payload === undefined) return;
  const { value } = payload;
  try {
    switch (typeName(payload.typeUrl)) {
      case 'containerd.events.NamespaceCreate': {
        const { name, labels } = NamespaceCreate.decode(value);
        states.set(name, withLabels(new Map(), labels));
        break;
      }
      case 'containerd.events.NamespaceUpdate': {
        const { name, labels } = NamespaceUpdate.decode(value);
        // An update creates a namespace that does not exist, as in containerd.
        states.set(name, withLabels(states.get(name) ?? new Map<string, string>(), labels));
        break;
      }
      case 'containerd.events.NamespaceDelete':
        states.delete(NamespaceDelete.decode(value).name);
    }
  } catch {
    // Publishers may send bytes that cannot be decoded.
  }
}

/** An empty value removes a label. */
function withLabels(
  labels: Map<string, string>,
  changes: ReadonlyMap<string, string>,
): Map<string, string> {
  for (const [label, value] of changes) {
    if (value === '') labels.delete(label);
    else labels.set(label, value);
  }
  return labels;
}
