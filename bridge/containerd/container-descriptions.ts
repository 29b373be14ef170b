import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { timestampFromNanos, unpack } from '../../client/index.js';
import type { Envelope } from '../../client/index.js';
import { onAbort, parseAddress } from '../../client/own-programs.js';
import { systemClock } from '../../protocol/clock.js';
import { FoghornError } from '../../protocol/errors.js';
import { CONTAINERD_CONTAINER_TOPIC } from '../../protocol/recorder-topics.js';
import { ContainerdContainer } from '../../protos/gen/foghorn/v1/recording.js';
import {
  ContainersClient,
  type Container,
  type GetContainerResponse,
  type ListContainerMessage,
} from '../../protos/gen/containerd/services/containers/v1/containers.js';

/** How long containerd may take to describe a container; events wait for it. */
const ANSWER_TIMEOUT_MS = 1000;

/** How long containerd may take to list all containers of a namespace. */
const LIST_TIMEOUT_MS = 60_000;

/** A Docker engine makes a containerd container for each start, and keeps the labels itself. */
const ENGINE_NAMESPACE = 'moby';

/**
 * Asks containerd for the labels of containers, because ContainerCreate has none: the names that
 * nerdctl and Kubernetes give are labels.
 */
export class ContainerDescriptions {
  readonly #containers: ContainersClient;

  /** @param address address of containerd */
  constructor(address: string) {
    const { target } = parseAddress(address);
    this.#containers = new ContainersClient(target, credentials.createInsecure(), {
      'grpc.enable_channelz': 0,
    });
  }

  /**
   * Begins to ask for the container that this event reports as created; returns undefined for other
   * events. Resolves with the description to store before the event; with undefined for a container
   * without labels, and for one that containerd cannot describe any more.
   */
  before(created: Envelope): Promise<Envelope | undefined> | undefined {
    if (created.topic !== '/containers/create') return undefined;
    if (created.namespace === ENGINE_NAMESPACE) return undefined;
    const payload = unpack(created.event);
    if (payload?.type !== 'containerd.events.ContainerCreate') return undefined;
    return this.#describe(created, payload.value.id);
  }

  close(): void {
    this.#containers.close();
  }

  async #describe(created: Envelope, id: string): Promise<Envelope | undefined> {
    const container = await this.get(created.namespace, id);
    if (container === undefined || container.labels.size === 0) return undefined;
    const { timestamp, namespace } = created;
    return { timestamp, namespace, ...described({ ...container, id, createdAt: undefined }) };
  }

  /**
   * Asks for a container that was there before events about it were recorded. Resolves with the
   * description to store before what is known of it now; undefined if containerd has none.
   */
  async existing(namespace: string, id: string): Promise<Envelope | undefined> {
    if (namespace === ENGINE_NAMESPACE) return undefined;
    const container = await this.get(namespace, id);
    return container && this.ofExisting(namespace, container);
  }

  /** The description of a container that was there before events about it were recorded. */
  ofExisting(namespace: string, container: Container): Envelope {
    return { timestamp: timestampFromNanos(systemClock()), namespace, ...described(container) };
  }

  /** Returns all containers of a namespace; none of an engine. Throws FoghornError. */
  async list(namespace: string, signal: AbortSignal): Promise<Container[]> {
    if (namespace === ENGINE_NAMESPACE) return [];
    const deadline = Date.now() + LIST_TIMEOUT_MS;
    const found: Container[] = [];
    const messages = this.#containers.listStream({ filters: [] }, within(namespace), { deadline });
    const stopListening = onAbort(signal, () => {
      messages.cancel();
    });
    try {
      for await (const { container } of messages as AsyncIterable<ListContainerMessage>) {
        if (container !== undefined) found.push(container);
      }
    } catch (error) {
      const { code, message } = error as ServiceError;
      const kind = code === status.UNIMPLEMENTED ? 'UNIMPLEMENTED' : 'UNAVAILABLE';
      throw new FoghornError(kind, message, { cause: error });
    } finally {
      stopListening();
    }
    return found;
  }

  /** Returns containerd's description; undefined if it has none, or does not answer. */
  async get(namespace: string, id: string): Promise<Container | undefined> {
    const answer = await this.#ask(namespace, id);
    return answer instanceof Error ? undefined : answer.container;
  }

  /** Whether containerd says that it does not have the container. */
  async isUnknown(namespace: string, id: string): Promise<boolean> {
    const answer = await this.#ask(namespace, id);
    return answer instanceof Error && answer.code === status.NOT_FOUND;
  }

  #ask(namespace: string, id: string): Promise<GetContainerResponse | ServiceError> {
    const metadata = within(namespace);
    const deadline = Date.now() + ANSWER_TIMEOUT_MS;
    return new Promise((resolve) => {
      this.#containers.get({ id }, metadata, { deadline }, (error, response) => {
        resolve(error ?? response);
      });
    });
  }
}

function within(namespace: string): Metadata {
  const metadata = new Metadata();
  metadata.set('containerd-namespace', namespace);
  return metadata;
}

function described({ id, image, labels, createdAt }: Container): Pick<Envelope, 'topic' | 'event'> {
  const value = ContainerdContainer.encode({ id, image, labels, createdAt }).finish();
  return {
    topic: CONTAINERD_CONTAINER_TOPIC,
    event: { typeUrl: 'foghorn.v1.ContainerdContainer', value: Buffer.from(value) },
  };
}
