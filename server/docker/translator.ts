import { ImageCreate, ImageDelete, ImageUpdate } from '../../protos/gen/events/image.js';
import { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { Broker } from '../broker/broker.js';
import type { EventView } from '../events/event-view.js';
import { DOCKER_RECORDING } from '../events/filed-types.js';
import { typeName } from '../events/type-name.js';
import { foldContainer } from '../runs/container-past.js';
import { ContainerProjection, project } from './container-projection.js';
import { findRecording } from './engine-recording.js';
import { LruCache } from './lru-cache.js';
import { ShownEvent } from './shown-event.js';

/** Stories that a reading of the history keeps at hand; one that is needed again is derived again. */
const STORIES = 1024;

/**
 * Says what Docker clients see of a namespace's entries. Takes them in the order of history: all from some place on, those of the
 * namespace or those of one container; or only some, with what it needs to know of the others (see `next`).
 */
export class Translator {
  readonly #stories: LruCache<string, ContainerProjection>;
  /** While no recording is known: one that began before this offset would be. */
  #soughtUpTo = 0;

  private constructor(
    private readonly broker: Broker,
    private readonly namespace: string,
    /** From this offset on, an engine's own events are recorded. */
    private recordedFrom: number,
    stories: number,
  ) {
    this.#stories = new LruCache(stories);
  }

  static async create(broker: Broker, namespace: string, stories = STORIES): Promise<Translator> {
    return new Translator(broker, namespace, await findRecording(broker, namespace), stories);
  }

  /**
   * What is shown of the next entry, if anything: mostly known at once, without a promise.
   *
   * @param completeFrom no entry from this offset on was left out; those before may have been, and are looked up
   */
  next(
    view: EventView,
    completeFrom = 0,
  ): ShownEvent | undefined | Promise<ShownEvent | undefined> {
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
    // Most entries of a recorded namespace.
    if (!isRecorded && this.#isEngineRecorded(view) && !view.isLifecycle) return undefined;
    if (isRecorded && !view.isLifecycle) return ifDecodable(() => recorded(view, payload));
    const { container } = view;
    if (container === undefined) return ifDecodable(() => ofImage(view, name, payload));
    const story = this.#stories.get(container);
    if (story !== undefined && story.upTo + 1 >= completeFrom) {
      return this.#take(story, view, payload);
    }
    return this.#tellUpTo(
      view.offset - 1,
      container,
      story ?? new ContainerProjection(this.namespace, container),
    ).then((told) => this.#take(told, view, payload));
  }

  #take(story: ContainerProjection, view: EventView, payload: Any): ShownEvent | undefined {
    return project(story, view, payload, this.#isEngineRecorded(view));
  }

  /** Tells a story what the history holds of it between what it knows and an offset. */
  async #tellUpTo(
    upTo: number,
    container: string,
    story: ContainerProjection,
  ): Promise<ContainerProjection> {
    const key = { namespace: this.namespace, container };
    const span = { after: story.upTo, upTo };
    await foldContainer(this.broker, key, span, {
      begin: () => story,
      take: (told, view) => {
        const { payload, offset } = view;
        // Reading begins anew where retention overtakes it.
        if (payload !== undefined && offset > told.upTo) {
          project(told, view, payload, this.#isEngineRecorded(view));
        }
        return true;
      },
    });
    this.#stories.set(container, story);
    return story;
  }

  async #seekRecording(upTo: number): Promise<void> {
    this.recordedFrom = await findRecording(this.broker, this.namespace);
    this.#soughtUpTo = upTo;
  }

  #isEngineRecorded({ offset }: EventView): boolean {
    return offset >= this.recordedFrom;
  }
}

/** Anybody may publish bytes that are no such message. */
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

/** containerd's images have no id besides their name. */
function ofImage(view: EventView, name: string, { value }: Any): ShownEvent | undefined {
  switch (name) {
    case 'containerd.events.ImageCreate':
      return imageEvent(view, 'create', ImageCreate.decode(value));
    case 'containerd.events.ImageUpdate':
      return imageEvent(view, 'tag', ImageUpdate.decode(value));
    case 'containerd.events.ImageDelete':
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
