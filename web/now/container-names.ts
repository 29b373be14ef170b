import { findContainer } from '../api/containers.js';
import { containerIdOf, type ShownEntry } from './entry.js';

export interface ContainerNaming {
  readonly name: string;
  readonly image: string;
}

const MAX_KNOWN = 10_000;
/** Questions that are under way together. */
const MAX_QUESTIONS = 4;

/**
 * Names and images of containers, asked for when a row is shown: an event has only its container's
 * id.
 */
export class ContainerNames {
  readonly #known = new Map<string, ContainerNaming | undefined>();
  readonly #waiting: { namespace: string; id: string }[] = [];
  #questions = 0;
  readonly #onKnown: () => void;

  constructor(onKnown: () => void) {
    this.#onKnown = onKnown;
  }

  /** Returns the naming as far as it is known, and asks for one that is not. */
  of(entry: ShownEntry): ContainerNaming | undefined {
    const id = containerIdOf(entry);
    if (id === undefined) return undefined;
    const key = keyOf(entry.namespace, id);
    if (!this.#known.has(key)) {
      this.#remember(key, undefined);
      this.#waiting.push({ namespace: entry.namespace, id });
      this.#ask();
    }
    return this.#known.get(key);
  }

  #ask(): void {
    while (this.#questions < MAX_QUESTIONS) {
      // The newest first: older rows may have left the screen.
      const asked = this.#waiting.pop();
      if (!asked) return;
      this.#questions++;
      void this.#find(asked.namespace, asked.id).finally(() => {
        this.#questions--;
        this.#ask();
      });
    }
  }

  async #find(namespace: string, id: string): Promise<void> {
    const found = await findContainer(namespace, id).catch(() => undefined);
    if (!found) return;
    this.#remember(keyOf(namespace, id), { name: found.name, image: found.image });
    this.#onKnown();
  }

  #remember(key: string, naming: ContainerNaming | undefined): void {
    this.#known.set(key, naming);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) return;
      this.#known.delete(oldest);
    }
  }
}

function keyOf(namespace: string, id: string): string {
  return `${namespace}/${id}`;
}
