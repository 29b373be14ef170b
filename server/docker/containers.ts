import { checkMay, type Caller } from '../access/caller.js';
import { isContainerId } from '../../protocol/identifier.js';
import { ContainerDirectory } from './container-directory.js';
import type { ContainerState } from './container-state.js';
import { findRecording } from './engine-recording.js';
import type { DockerSource } from './docker-source.js';
import { readContainer } from './read-container.js';
import { idBehind } from './shown-id.js';
import { noSuchContainer } from './wait.js';

/** How long an unused directory is kept, in milliseconds. */
const IDLE_MS = 10 * 60_000;

/**
 * The containers of a namespace. A single container is read from the history. To find one by name,
 * a directory of all is opened when it is first needed, and kept while it is used.
 */
export class Containers {
  #directory: Promise<ContainerDirectory> | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(private readonly source: DockerSource) {}

  /**
   * Finds a container by its id, its name, or the beginning of its id, as it is now if recorders
   * can say. Throws NOT_FOUND for none, INVALID_ARGUMENT for several, and PERMISSION_DENIED.
   */
  async find(caller: Caller, reference: string): Promise<ContainerState> {
    const { recorders, namespace } = this.source;
    checkMay(caller, 'read', namespace);
    await recorders.bringUpToDate({ namespace });
    // No container has a longer id, and the history has no key for it; a name may be longer.
    const meant = isContainerId(reference) ? await this.#read(caller, reference) : undefined;
    if (meant?.isKnown && meant.status !== 'removed') return meant;
    const id = (await this.#open()).find(reference) ?? (meant?.isKnown ? reference : undefined);
    if (id !== undefined) return this.#read(caller, id);
    const shown = await this.#shownAs(caller, reference);
    if (shown === undefined) throw noSuchContainer(reference);
    return shown;
  }

  /**
   * Like `find`. If the container does not run, recorders compare it with its daemon, which may
   * know why.
   */
  async inspect(caller: Caller, reference: string): Promise<ContainerState> {
    const found = await this.find(caller, reference);
    if (found.isRunning || found.status === 'removed') return found;
    const { recorders, namespace } = this.source;
    const subject = { namespace, container: found.id };
    const currency = await recorders.bringUpToDate(subject);
    return currency === 'current' ? this.#read(caller, found.id) : found;
  }

  /** The containers that are not removed, newest first. */
  async list(caller: Caller): Promise<readonly ContainerState[]> {
    const { recorders, namespace } = this.source;
    checkMay(caller, 'read', namespace);
    await recorders.bringUpToDate({ namespace });
    return (await this.#open()).newestFirst();
  }

  close(): void {
    clearTimeout(this.#idle);
    const directory = this.#directory;
    this.#directory = undefined;
    pause(directory);
  }

  async #read(caller: Caller, id: string): Promise<ContainerState> {
    const { broker, namespace } = this.source;
    const recordedFrom = await findRecording(broker, namespace);
    return readContainer(broker, caller, namespace, id, Infinity, recordedFrom);
  }

  /** The container whose padded id is meant. */
  async #shownAs(caller: Caller, reference: string): Promise<ContainerState | undefined> {
    const id = idBehind(reference);
    if (id === undefined) return undefined;
    const container = await this.#read(caller, id);
    return container.isKnown ? container : undefined;
  }

  async #open(): Promise<ContainerDirectory> {
    this.#directory ??= ContainerDirectory.open(this.source);
    const opening = this.#directory;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      pause(opening);
    }, IDLE_MS).unref();
    try {
      const directory = await opening;
      await directory.catchUp();
      if (!directory.isCut) return directory;
    } catch (error) {
      if (this.#directory === opening) this.#directory = undefined;
      throw error;
    }
    if (this.#directory === opening) this.#directory = undefined;
    return this.#open();
  }
}

function pause(directory: Promise<ContainerDirectory> | undefined): void {
  void directory?.then(
    (open) => {
      open.pause();
    },
    () => undefined,
  );
}
