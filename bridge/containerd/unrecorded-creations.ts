import { setTimeout as delay } from 'node:timers/promises';
import { nanosFromTimestamp, unpack } from '../../client/index.js';
import type { Entry, Envelope } from '../../client/index.js';
import { onAbort } from '../../client/own-programs.js';
import { FoghornError } from '../../protocol/errors.js';
import { CONTAINERD_CONTAINER_TOPIC } from '../../protocol/recorder-topics.js';
import type { Container } from '../../protos/gen/containerd/services/containers/v1/containers.js';
import { mayPass } from '../contracts.js';
import { readEntries } from '../read-history.js';
import { containerName } from './open-tasks.js';
import type { ContainerdRecorderContext } from './recorder-context.js';
import { TaskClient } from './task-client.js';

type ContainerLabels = ReadonlyMap<string, string>;

/** Containers whose entries are read at the same time. */
const CONCURRENT_READS = 4;

/** Milliseconds until containerd is asked again after a failure. */
const RETRY_MS = 2000;

/** Topics of entries that report the labels of a container, or its removal. */
const TOPICS = [
  CONTAINERD_CONTAINER_TOPIC,
  ...['create', 'update', 'delete'].map((action) => `/containers/${action}`),
];
const FILTERS = TOPICS.map((topic) => `topic==${JSON.stringify(topic)}`);

/**
 * Stores containerd's descriptions of containers whose creation or whose newest labels no event has
 * reported, because nothing was recorded then.
 */
export class UnrecordedCreations {
  readonly #tasks: TaskClient;
  /** Start of the current subscription, ns since 1970. */
  #followedFrom: bigint | undefined;
  /**
   * Containers whose labels the history has, or is about to have, as far as they were looked at or
   * reported since the subscription began; by `containerName`.
   */
  readonly #known = new Set<string>();
  /** Containers removed since the comparison began, which a list may still have. */
  readonly #removed = new Set<string>();
  #wake = () => {};

  constructor(private readonly context: ContainerdRecorderContext) {
    this.#tasks = new TaskClient(context.from);
  }

  /** Starts a comparison: every event from this time on arrives, ns since 1970. */
  began(time: bigint): void {
    this.#followedFrom = time;
    this.#known.clear();
    this.#wake();
  }

  /**
   * Begins to ask for the description to store before what was found out about a container's task.
   */
  before(namespace: string, id: string): Promise<Envelope | undefined> | undefined {
    const name = containerName(namespace, id);
    if (this.#known.has(name)) return undefined;
    this.#known.add(name);
    return this.context.descriptions.existing(namespace, id).then((description) => {
      if (description === undefined) this.#known.delete(name);
      return description;
    });
  }

  /** Applies an event that was taken over. */
  onEvent({ namespace, topic, event }: Envelope): void {
    if (!topic.startsWith('/containers/')) return;
    const payload = unpack(event);
    switch (payload?.type) {
      case 'containerd.events.ContainerCreate':
      case 'containerd.events.ContainerUpdate': {
        const name = containerName(namespace, payload.value.id);
        this.#known.add(name);
        this.#removed.delete(name);
        return;
      }
      case 'containerd.events.ContainerDelete': {
        const name = containerName(namespace, payload.value.id);
        this.#known.delete(name);
        if (this.#followedFrom !== undefined) this.#removed.add(name);
        return;
      }
      default:
    }
  }

  /** Compares after each start of a subscription, until the signal aborts. */
  async run(): Promise<void> {
    const { signal } = this.context;
    onAbort(signal, () => {
      this.#tasks.close();
      this.#wake();
    });
    while (!signal.aborted) {
      const followedFrom = this.#followedFrom;
      if (followedFrom === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (await this.#compareAll(followedFrom)) {
        if (this.#followedFrom === followedFrom) this.#followedFrom = undefined;
        this.#removed.clear();
      } else await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Returns whether there is nothing to try again. */
  async #compareAll(followedFrom: bigint): Promise<boolean> {
    const { queue, descriptions, signal } = this.context;
    try {
      // The spool may still hold events of an earlier process, which the history does not show yet.
      await queue.whenDrained(signal);
      for (const namespace of await this.#tasks.namespaces()) {
        const containers = (await descriptions.list(namespace, signal)).values();
        const workers = Array.from({ length: CONCURRENT_READS }, async () => {
          for (const container of containers) {
            await this.#compare(namespace, container, followedFrom);
          }
        });
        await Promise.all(workers);
      }
      return true;
    } catch (error) {
      // The recording reports a daemon that does not answer.
      if (error instanceof FoghornError) return !mayPass(error);
      throw error;
    }
  }

  async #compare(namespace: string, container: Container, followedFrom: bigint): Promise<void> {
    const { queue, descriptions, signal } = this.context;
    const { id, labels, createdAt } = container;
    if (createdAt === undefined || nanosFromTimestamp(createdAt) >= followedFrom) return;
    const name = containerName(namespace, id);
    if (this.#known.has(name)) return;
    const recorded = await this.#recordedLabels(namespace, id);
    if (signal.aborted || this.#known.has(name) || this.#removed.has(name)) return;
    this.#known.add(name);
    if (recorded !== undefined && isSame(recorded, labels)) return;
    queue.add({ envelope: descriptions.ofExisting(namespace, container) });
  }

  /** The labels by the history; undefined for a container that does not exist by it. */
  async #recordedLabels(namespace: string, id: string): Promise<ContainerLabels | undefined> {
    const { signal } = this.context;
    const all = {
      container: { namespace, id },
      start: 'earliest',
      stopWhenCaughtUp: true,
    } as const;
    const recorded = new RecordedLabels();
    for await (const entry of readEntries(this.context, { ...all, filters: FILTERS }, signal)) {
      recorded.add(entry);
    }
    return recorded.labels;
  }
}

/** The labels of one container, as its entries report them. */
class RecordedLabels {
  /** Labels in a description that precedes the creation. */
  #announced: ContainerLabels | undefined;
  #labels: ContainerLabels | undefined;

  /** Undefined if the container was not created, or was removed. */
  get labels(): ContainerLabels | undefined {
    return this.#labels;
  }

  add({ event }: Entry): void {
    const payload = unpack(event);
    switch (payload?.type) {
      case 'foghorn.v1.ContainerdContainer':
        if (payload.value.createdAt === undefined) this.#announced = payload.value.labels;
        else this.#labels = payload.value.labels;
        return;
      case 'containerd.events.ContainerCreate':
        this.#labels = this.#announced ?? new Map();
        this.#announced = undefined;
        return;
      case 'containerd.events.ContainerUpdate':
        this.#labels = payload.value.labels;
        return;
      case 'containerd.events.ContainerDelete':
        this.#labels = undefined;
        return;
      default:
    }
  }
}

function isSame(one: ContainerLabels, other: ContainerLabels): boolean {
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
}
