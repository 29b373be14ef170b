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

/** Projections that a reading of the history keeps. One that is needed again is derived again. */
const PROJECTIONS = 1024;

/**
 * Translates a namespace's entries to Docker events. It takes them in the order of history: all
 * from a position on, those of one container, or only some (see `next`).
 */
export class Translator {
  readonly #projections: LruCache<string, ContainerProjection>;
  /** While no recording is known: the offset up to which none has begun. */
  #soughtUpTo = 0;

  private constructor(
    private readonly broker: Broker,
    private readonly namespace: string,
    /** The offset from which an engine's own events are recorded. */
    private recordedFrom: number,
    capacity: number,
  ) {
    this.#projections = new LruCache(capacity);
  }

  static async create(
    broker: Broker,
    namespace: string,
    capacity = PROJECTIONS,
  ): Promise<Translator> {
    return new Translator(broker, namespace, await findRecording(broker, namespace), capacity);
  }

  /**
   * The Docker event of the next entry, if any. Rarely a promise.
   *
   * @param completeFrom no entry from this offset on was left out; earlier ones may have been, and
   * are read when needed
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
    // The most frequent case in a recorded namespace.
    if (!isRecorded && this.#isEngineRecorded(view) && !view.isLifecycle) return undefined;
    if (isRecorded && !view.isLifecycle) return ifDecodable(() => recorded(view, payload));
    const { container } = view;
    if (container === undefined) return ifDecodable(() => ofImage(view, name, payload));
    const projection = this.#projections.get(container);
    if (projection !== undefined && projection.upTo + 1 >= completeFrom) {
      return this.#take(projection, view, payload);
    }
    return this.#foldUpTo(
      view.offset - 1,
      container,
      projection ?? new ContainerProjection(this.namespace, container),
    ).then((folded) => this.#take(folded, view, payload));
  }

  #take(projection: ContainerProjection, view: EventView, payload: Any): ShownEvent | undefined {
    return project(projection, view, payload, this.#isEngineRecorded(view));
  }

  /** Adds the entries of the history between the projection's newest and an offset. */
  async #foldUpTo(
    upTo: number,
    container: string,
    projection: ContainerProjection,
  ): Promise<ContainerProjection> {
    const key = { namespace: this.namespace, container };
    const span = { after: projection.upTo, upTo };
    await foldContainer(this.broker, key, span, {
      begin: () => projection,
      take: (folded, view) => {
        const { payload, offset } = view;
        // The fold starts over if retention overtakes it.
        if (payload !== undefined && offset > folded.upTo) {
          project(folded, view, payload, this.#isEngineRecorded(view));
        }
        return true;
      },
    });
    this.#projections.set(container, projection);
    return projection;
  }

  async #seekRecording(upTo: number): Promise<void> {
    this.recordedFrom = await findRecording(this.broker, this.namespace);
    this.#soughtUpTo = upTo;
  }

  #isEngineRecorded({ offset }: EventView): boolean {
    return offset >= this.recordedFrom;
  }
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
