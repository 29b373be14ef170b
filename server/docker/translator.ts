import { ImageCreate, ImageDelete, ImageUpdate } from '../../protos/gen/containerd/events/image.js';
import { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import { BROKER } from '../access/caller.js';
import type { EventView } from '../events/event-view.js';
import { DOCKER_RECORDING, OBSERVED_RUN } from '../events/filed-types.js';
import { typeName } from '../events/type-name.js';
import { foldContainer } from '../runs/container-past.js';
import { ContainerProjection, project, type Projected } from './container-projection.js';
import { findRecording } from './engine-recording.js';
import { ShownEvent } from './shown-event.js';
import type { TranslationCache } from './translation-cache.js';

/** Docker actions of containerd's events. Other entries of containers have no Docker event. */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ['containerd.events.ContainerCreate', 'create'],
  ['containerd.events.ContainerDelete', 'destroy'],
  ['containerd.events.TaskStart', 'start'],
  ['containerd.events.TaskExit', 'die'],
  ['containerd.events.TaskDelete', 'die'],
  ['containerd.events.TaskOOM', 'oom'],
  ['containerd.events.TaskPaused', 'pause'],
  ['containerd.events.TaskResumed', 'unpause'],
  ['containerd.events.TaskCheckpointed', 'checkpoint'],
  ['containerd.events.TaskExecAdded', 'exec_create'],
  ['containerd.events.TaskExecStarted', 'exec_start'],
]);

/** Options of a translator, which follow from its reader. */
interface TranslatorOptions {
  /** Whether an event of a container with this action can be wanted. Others may be left out. */
  readonly wants: (action: string) => boolean;
  /** Whether other translators will need the same events: those of live readers. */
  readonly isLive: boolean;
}

/**
 * Translates a namespace's entries to Docker events. It takes them in the order of history: all
 * from a position on, those of one container, or only some (see `next`).
 */
export class Translator {
  readonly #keyPrefix: string;
  /** While no recording is known: the offset up to which none has begun. */
  #soughtUpTo = 0;

  private constructor(
    private readonly cache: TranslationCache,
    private readonly namespace: string,
    /** The offset from which an engine's own events are recorded. */
    private recordedFrom: number,
    private readonly options: TranslatorOptions,
  ) {
    this.#keyPrefix = `${cache.enter()} `;
  }

  static async create(
    cache: TranslationCache,
    namespace: string,
    options: TranslatorOptions,
  ): Promise<Translator> {
    const recordedFrom = await findRecording(cache.broker, namespace);
    return new Translator(cache, namespace, recordedFrom, options);
  }

  /**
   * The Docker event of the next entry, or the change without an event, if any. Rarely a promise.
   *
   * @param completeFrom no entry from this offset on was left out; earlier ones may have been, and
   * are read when needed
   */
  next(view: EventView, completeFrom = 0): Projected | undefined | Promise<Projected | undefined> {
    if (this.recordedFrom === Infinity && this.#soughtUpTo < completeFrom) {
      return this.#seekRecording(completeFrom).then(() => this.next(view, completeFrom));
    }
    const { payload } = view;
    if (payload === undefined) return undefined;
    const name = typeName(payload.typeUrl);
    if (name === DOCKER_RECORDING) {
      this.recordedFrom = Math.min(this.recordedFrom, view.offset);
      return undefined;
    }
    const isRecorded = name === 'foghorn.v1.DockerEvent';
    // The most frequent case in a recorded namespace.
    if (!isRecorded && this.#isEngineRecorded(view) && !view.isLifecycle) return undefined;
    if (isRecorded && !view.isLifecycle) return ifDecodable(() => recorded(view, payload));
    const { container } = view;
    if (container === undefined) return ifDecodable(() => ofImage(view, name, payload));
    const known = this.cache.projection(this.#keyPrefix + container);
    if (known !== undefined && known.upTo + 1 >= completeFrom) {
      const shown = this.#take(known, view, payload);
      if (this.options.isLive) this.cache.keepEvent(view, shown);
      return shown;
    }
    if (known === undefined) {
      // An event that is not shown, or is cached, does not need the container.
      if (!isRecorded && !this.#isWanted(name, view)) return undefined;
      const cached = this.cache.event(view);
      if (cached !== undefined) return cached.shown && showAgain(cached.shown, view);
    }
    const projection = known ?? new ContainerProjection(this.namespace, container);
    return this.#derive(projection, container, view, payload);
  }

  #isWanted(name: string, { isLifecycle }: EventView): boolean {
    if (name === OBSERVED_RUN) return this.options.wants('die');
    const action = isLifecycle || name !== EXIT ? ACTIONS.get(name) : 'exec_die';
    return action !== undefined && this.options.wants(action);
  }

  #take(projection: ContainerProjection, view: EventView, payload: Any): Projected | undefined {
    const { bytes } = projection;
    const shown = project(projection, view, payload, this.#isEngineRecorded(view));
    const { container = '' } = view;
    if (projection.bytes !== bytes) this.#keep(projection, container);
    return shown;
  }

  #keep(projection: ContainerProjection, container: string): void {
    this.cache.keepProjection(this.#keyPrefix + container, projection);
  }

  /**
   * Adds the entries of the history between the projection's newest and the view, then the view.
   */
  async #derive(
    projection: ContainerProjection,
    container: string,
    view: EventView,
    payload: Any,
  ): Promise<Projected | undefined> {
    const key = { namespace: this.namespace, container };
    const span = { after: projection.upTo, upTo: view.offset - 1 };
    await foldContainer(this.cache.broker, BROKER, key, span, {
      begin: () => projection,
      take: (told, earlier) => {
        // The fold starts over if retention overtakes it.
        if (earlier.payload !== undefined && earlier.offset > told.upTo) {
          project(told, earlier, earlier.payload, this.#isEngineRecorded(earlier));
        }
        return true;
      },
    });
    this.#keep(projection, container);
    const shown = this.#take(projection, view, payload);
    this.cache.keepEvent(view, shown);
    return shown;
  }

  async #seekRecording(upTo: number): Promise<void> {
    this.recordedFrom = await findRecording(this.cache.broker, this.namespace);
    this.#soughtUpTo = upTo;
  }

  #isEngineRecorded({ offset }: EventView): boolean {
    return offset >= this.recordedFrom;
  }
}

const EXIT = 'containerd.events.TaskExit';

function showAgain(
  { fields, options }: Pick<ShownEvent, 'fields' | 'options'>,
  view: EventView,
): ShownEvent {
  return new ShownEvent(fields, view, options);
}

/** Publishers may send bytes that cannot be decoded. */
function ifDecodable(show: () => ShownEvent | undefined): ShownEvent | undefined {
  try {
    return show();
  } catch {
    return undefined;
  }
}

function recorded(view: EventView, { value }: Any): ShownEvent {
  const event = DockerEvent.decode(value);
  return new ShownEvent(event, view, event);
}

/** containerd's images have only a name as id. */
function ofImage(view: EventView, name: string, { value }: Any): ShownEvent | undefined {
  switch (name) {
    case 'containerd.services.images.v1.ImageCreate':
      return imageEvent(view, 'create', ImageCreate.decode(value));
    case 'containerd.services.images.v1.ImageUpdate':
      return imageEvent(view, 'tag', ImageUpdate.decode(value));
    case 'containerd.services.images.v1.ImageDelete':
      return imageEvent(view, 'delete', { ...ImageDelete.decode(value), labels: new Map() });
    default:
      return undefined;
  }
}

function imageEvent(
  view: EventView,
  action: string,
  { name, labels }: { readonly name: string; readonly labels: ReadonlyMap<string, string> },
): ShownEvent {
  const attributes = new Map(labels).set('name', name);
  const timeNano = view.timestamp;
  return new ShownEvent(
    { type: 'image', action, actorId: name, attributes, scope: 'local', timeNano },
    view,
  );
}
