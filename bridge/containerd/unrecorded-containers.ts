import { setTimeout as delay } from 'node:timers/promises';
import { nanosFromTimestamp } from '../../client/index.js';
import { systemClock } from '../../protocol/clock.js';
import { observedRunEnvelope, type RunObservation } from '../reconcile/observed-run.js';
import type { ContainerdRecorderContext } from './recorder-context.js';

const REASON = 'it was created before the recording began, and containerd has no task of it';
const LOST: RunObservation = { $case: 'lost', value: { reason: REASON, lastSeen: undefined } };

/** Milliseconds for a subscription to begin, and between two looks whether it has. */
const BEGIN_MS = 2000;
const POLL_MS = 20;

/**
 * Containers that containerd has had since before the recording began or went on. One without a
 * task may have run meanwhile, so that a wait for it would never be answered.
 */
export class UnrecordedContainers {
  /** Start of the current subscription, ns since 1970. */
  #followedFrom: bigint | undefined;
  /** Those that were stored since. */
  readonly #stored = new Set<string>();

  constructor(
    private readonly context: Pick<ContainerdRecorderContext, 'descriptions' | 'queue' | 'say'>,
  ) {}

  /** Notes that every event from this time on arrives, ns since 1970. */
  began(time: bigint): void {
    this.#followedFrom = time;
    this.#stored.clear();
  }

  /** Stores that the end of a container without a task and without a known run is lost. */
  async note(namespace: string, containerId: string): Promise<void> {
    const followedFrom = await this.#untilBegun();
    const key = `${namespace}/${containerId}`;
    if (followedFrom === undefined || this.#stored.has(key)) return;
    const container = await this.context.descriptions.get(namespace, containerId);
    const { createdAt } = container ?? {};
    if (createdAt === undefined || nanosFromTimestamp(createdAt) >= followedFrom) return;
    this.#stored.add(key);
    const { queue, say } = this.context;
    say(`the end of container ${containerId} is lost: ${REASON}`);
    const subject = { namespace, containerId, pid: 0 };
    queue.add({ envelope: observedRunEnvelope(subject, systemClock(), LOST) });
  }

  /** Recorders are asked as soon as they attach. Resolves with undefined if none begins in time. */
  async #untilBegun(): Promise<bigint | undefined> {
    const end = performance.now() + BEGIN_MS;
    while (this.#followedFrom === undefined && performance.now() < end) await delay(POLL_MS);
    return this.#followedFrom;
  }
}
