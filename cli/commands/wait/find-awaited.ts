import type { Client } from '../../../client/index.js';
import { FoghornError } from '../../../protocol/errors.js';
import { closest } from '../../closest.js';
import { say, type Terminal } from '../../terminal.js';
import { resolveContainer } from '../events/event-selection.js';

/** A container to wait for. */
export interface AwaitedContainer {
  /** The user's word for it. */
  readonly reference: string;
  readonly namespace: string;
  readonly id: string;
}

/** The scope of the search for a container. */
export interface AwaitedScope {
  /** The namespace that the user named; undefined for all. */
  readonly namespace: string | undefined;
  /** The namespace of a container that is not known yet. */
  readonly assumedNamespace: string;
  readonly forCreation: boolean;
}

/**
 * The container that a reference names. Throws NOT_FOUND with what is known instead, unless the
 * wait is for its creation, and INVALID_ARGUMENT for a reference that names several.
 */
export async function findAwaited(
  client: Client,
  terminal: Terminal,
  reference: string,
  { namespace, assumedNamespace, forCreation }: AwaitedScope,
): Promise<AwaitedContainer> {
  const found = await resolveContainer(client, reference, namespace);
  if (found !== undefined) return { reference, namespace: found.namespace, id: found.id };
  if (forCreation) {
    const where = `namespace ${assumedNamespace}`;
    say(terminal, `container ${reference} is not known in ${where} yet; waiting for it`);
    return { reference, namespace: assumedNamespace, id: reference };
  }
  const hint = await knownInstead(client, reference, namespace);
  throw new FoghornError(
    'NOT_FOUND',
    `container ${reference} is not known${namespace === undefined ? '' : ` in namespace ${namespace}`}${hint}; --for-creation waits for it`,
  );
}

/** Containers that are named in an error. */
const SHOWN = 5;

/** A hint at what is known, for an error text. */
async function knownInstead(
  client: Client,
  reference: string,
  namespace: string | undefined,
): Promise<string> {
  if (namespace !== undefined) {
    const elsewhere = await resolveContainer(client, reference, undefined);
    if (elsewhere !== undefined) return `, but in namespace ${elsewhere.namespace}`;
  }
  const { containers } = await client.containers({ namespace });
  const names = containers.map(({ name }) => name);
  const similar = closest(reference, names);
  if (similar !== undefined) return `: did you mean ${similar}?`;
  if (names.length === 0) return ': no container is';
  const rest = names.length - SHOWN;
  return `: known are ${names.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
