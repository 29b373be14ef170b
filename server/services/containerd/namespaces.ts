import { FoghornError } from '../../../protocol/errors.js';
import { readEncodedAny } from '../../../protocol/wire/any.js';
import {
  NamespaceCreate,
  NamespaceDelete,
  NamespaceUpdate,
} from '../../../protos/gen/containerd/events/namespace.js';
import { Any } from '../../../protos/gen/google/protobuf/any.js';
import type { Namespace } from '../../../protos/gen/containerd/services/namespaces/v1/namespace.js';
import { checkMay, type Caller } from '../../access/caller.js';
import type { Broker } from '../../broker/broker.js';
import { goFormatWithoutArguments, goQuote } from '../../events/go-text.js';
import { checkIdentifier } from '../../events/names.js';
import { hasLivingContainers } from './living-containers.js';
import { labelProblem, maskedChanges, replacingChanges } from './namespace-labels.js';
import { namespaceStates } from './namespace-states.js';

/*
 * The checks, their order, codes and texts are containerd's. A namespace has no state besides the
 * events of the history that report its changes, so a change is the publication of its event.
 */

/** The namespaces that the events of the history make. */
export class Namespaces {
  /** The last change; each begins after the one before, because it depends on the state. */
  #changed: Promise<unknown> = Promise.resolve();

  constructor(private readonly broker: Broker) {}

  /** The namespace with this name; one that does not exist has no labels. */
  async get(caller: Caller, name: string): Promise<Namespace> {
    const labels = (await this.#states(caller)).get(name) ?? new Map<string, string>();
    return { name, labels: new Map(labels) };
  }

  /** All namespaces, by name. */
  async list(caller: Caller): Promise<Namespace[]> {
    const namespaces = [...(await this.#states(caller))].map(([name, labels]) => ({
      name,
      labels: new Map(labels),
    }));
    return namespaces.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws INVALID_ARGUMENT for a bad name or label, PERMISSION_DENIED, ALREADY_EXISTS. */
  create(caller: Caller, { name, labels }: Namespace): Promise<void> {
    return this.#change(async () => {
      checkName(name);
      checkMay(caller, 'publish', name);
      for (const [key, value] of labels) {
        const problem = labelProblem(key, value);
        if (problem !== undefined)
          throw refusal('INVALID_ARGUMENT', `namespace.Labels: ${problem}`);
      }
      if ((await this.#states(caller)).has(name)) {
        throw refusal('ALREADY_EXISTS', `namespace ${goQuote(name)}: already exists`);
      }
      const bytes = NamespaceCreate.encode({ name, labels }).finish();
      await this.#publish(caller, name, '/namespaces/create', 'NamespaceCreate', bytes);
      caller.audit?.changed({ action: 'create namespace', namespace: name });
    });
  }

  /**
   * Changes the labels that the paths name; replaces all labels if there are none. Creates a
   * namespace that does not exist. Throws INVALID_ARGUMENT for another field, UNKNOWN for a bad
   * label or name.
   */
  update(caller: Caller, { name, labels }: Namespace, paths: readonly string[]): Promise<void> {
    return this.#change(async () => {
      if (isName(name)) checkMay(caller, 'publish', name);
      const before = (await this.#states(caller)).get(name) ?? new Map<string, string>();
      const changes =
        paths.length > 0 ? maskedChanges(paths, labels) : replacingChanges(before, labels);
      for (const [key, value] of changes) {
        const problem = labelProblem(key, value);
        if (problem !== undefined) throw new FoghornError('UNKNOWN', problem);
      }
      const bytes = NamespaceUpdate.encode({ name, labels: changes }).finish();
      await this.#publish(caller, name, '/namespaces/update', 'NamespaceUpdate', bytes);
      caller.audit?.changed({ action: 'update namespace', namespace: name });
    });
  }

  /** Throws PERMISSION_DENIED, FAILED_PRECONDITION for a namespace with containers, NOT_FOUND. */
  delete(caller: Caller, name: string): Promise<void> {
    return this.#change(async () => {
      // First, because every other answer says something about the namespace.
      if (isName(name)) checkMay(caller, 'publish', name);
      const exists = (await this.#states(caller)).has(name);
      // To a caller that may not read it, the namespace does not exist, whatever is in it.
      const mayKnow = isName(name) && caller.readable.has(name);
      if (mayKnow && (await hasLivingContainers(this.broker, name))) {
        throw refusal(
          'FAILED_PRECONDITION',
          `namespace ${goQuote(name)} must be empty, but it still has containers: failed precondition`,
        );
      }
      if (!exists) throw refusal('NOT_FOUND', `namespace ${goQuote(name)}: not found`);
      const bytes = NamespaceDelete.encode({ name }).finish();
      await this.#publish(caller, name, '/namespaces/delete', 'NamespaceDelete', bytes);
      caller.audit?.changed({ action: 'delete namespace', namespace: name });
    });
  }

  async #states(caller: Caller): ReturnType<typeof namespaceStates> {
    // Another broker may have stored a change.
    await this.broker.newest();
    return namespaceStates(this.broker, caller);
  }

  #change(change: () => Promise<void>): Promise<void> {
    const done = this.#changed.then(change);
    this.#changed = done.catch(() => {});
    return done;
  }

  async #publish(
    caller: Caller,
    namespace: string,
    topic: string,
    type: string,
    value: Uint8Array,
  ): Promise<void> {
    const typeUrl = `containerd.events.${type}`;
    const event = readEncodedAny(Any.encode({ typeUrl, value: Buffer.from(value) }).finish());
    try {
      await this.broker.intake.publish(caller, { namespace, topic, event, publishId: NO_ID });
    } catch (error) {
      if (!(error instanceof FoghornError) || error.code !== 'INVALID_ARGUMENT') throw error;
      // containerd answers a change whose event it cannot publish with an error of no class.
      throw new FoghornError('UNKNOWN', error.message, { cause: error });
    }
  }
}

const NO_ID = new Uint8Array(0);

function checkName(name: string): void {
  try {
    checkIdentifier(name);
  } catch (error) {
    if (error instanceof FoghornError) throw refusal(error.code, error.message);
    throw error;
  }
}

function isName(name: string): boolean {
  try {
    checkIdentifier(name);
    return true;
  } catch {
    return false;
  }
}

/** containerd formats these texts a second time, without arguments. */
function refusal(code: FoghornError['code'], text: string): FoghornError {
  return new FoghornError(code, goFormatWithoutArguments(text));
}
