import { ImageCreate, ImageDelete, ImageUpdate } from '../../protos/gen/events/image.js';
import { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { Broker } from '../broker/broker.js';
import type { EventView } from '../events/event-view.js';
import { DOCKER_RECORDING } from '../events/filed-types.js';
import { typeName } from '../events/type-name.js';
import { ContainerStory, tell } from './container-story.js';
import { findRecording } from './engine-recording.js';
import { LruCache } from './lru-cache.js';
import { ShownEvent } from './shown-event.js';

/** Stories that one reading of the history keeps at hand; one that is needed again is derived again. */
const STORIES = 1024;

/**
 * Says what Docker clients see of a namespace's entries. Takes them in the order of history and without leaving one out, those of
 * the namespace or those of one container.
 */
export class Translator {
  readonly #stories = new LruCache<string, ContainerStory>(STORIES);

  private constructor(
    private readonly broker: Broker,
    private readonly namespace: string,
    /** From this offset on, an engine's own events are recorded. */
    private recordedFrom: number,
  ) {}

  static async create(broker: Broker, namespace: string): Promise<Translator> {
    return new Translator(broker, namespace, await findRecording(broker, namespace));
  }

  /** What is shown of the next entry, if anything: mostly known at once, without a promise. */
  next(view: EventView): ShownEvent | undefined | Promise<ShownEvent | undefined> {
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
    if (isRecorded && !view.isLifecycle) return recorded(view, payload);
    const { container } = view;
    if (container === undefined) return ofImage(view, name, payload);
    const story = this.#stories.get(container);
    if (story !== undefined) return this.#take(story, view, payload);
    return this.#storyOf(container, view.offset).then((made) => this.#take(made, view, payload));
  }

  #take(story: ContainerStory, view: EventView, payload: Any): ShownEvent | undefined {
    return tell(story, view, payload, this.#isEngineRecorded(view));
  }

  async #storyOf(container: string, offset: number): Promise<ContainerStory> {
    const key = { namespace: this.namespace, container };
    const begin = (): ContainerStory => new ContainerStory(this.namespace, container);
    const story = await this.broker.foldContainer(key, offset - 1, begin, (made, view) => {
      if (view.payload !== undefined) {
        tell(made, view, view.payload, this.#isEngineRecorded(view));
      }
      return true;
    });
    this.#stories.set(container, story);
    return story;
  }

  #isEngineRecorded({ offset }: EventView): boolean {
    return offset >= this.recordedFrom;
  }
}

function recorded(view: EventView, { value }: Any): ShownEvent | undefined {
  try {
    const event = DockerEvent.decode(value);
    return new ShownEvent(event, view, event);
  } catch {
    return undefined;
  }
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
