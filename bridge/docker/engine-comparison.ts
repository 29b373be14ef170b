import { setTimeout as delay } from 'node:timers/promises';
import { nanosFromTimestamp } from '../../client/index.js';
import { systemClock } from '../../protocol/clock.js';
import { UNKNOWN_EXIT_CODE } from '../../protocol/docker-event.js';
import { FoghornError } from '../../protocol/errors.js';
import type { DockerContainer, DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import type { HostBoot } from '../reconcile/host-boot.js';
import { lostRun, observedRunEnvelope, type RunObservation } from '../reconcile/observed-run.js';
import type { EngineAnswers } from './engine-answers.js';
import { eventEnvelope } from './envelopes.js';
import { inspectedContainer } from './inspected-container.js';
import { KnownContainers, type KnownContainer } from './known-containers.js';
import type { DockerRecorderContext } from './recorder-context.js';

/** The times of one start by an engine and by its containerd differ by less, ns. */
const CLOCK_LAG = 200_000_000n;

const LIST = '/containers/json?all=1';

/**
 * Compares the containers that the history knows with those of the engine, and stores the ends and
 * removals that the engine did not report: it was killed, or its host was rebooted.
 */
export class EngineComparison {
  readonly #known = new KnownContainers();

  constructor(
    private readonly context: DockerRecorderContext,
    private readonly answers: EngineAnswers,
  ) {}

  /** Applies an event that was taken over. */
  onEvent(event: DockerEvent): void {
    this.#known.onEvent(event);
  }

  /** Compares at each interval until the signal aborts. */
  async run(): Promise<void> {
    const { signal, timings } = this.context;
    let hasRead = false;
    while (!signal.aborted) {
      let pause = timings.compareInterval;
      try {
        if (!hasRead) await this.#readHistory(signal);
        hasRead = true;
        await this.#compare(signal);
      } catch (error) {
        // The recording reports a daemon that does not answer.
        if (!(error instanceof FoghornError) && !isAbort(error)) throw error;
        pause = timings.reportDelay;
      }
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  async #readHistory(signal: AbortSignal): Promise<void> {
    const { broker, namespace, queue } = this.context;
    // The spool may still hold events of an earlier process, which the history does not show yet.
    await queue.whenDrained(signal);
    for await (const entry of broker.listOpenContainers(namespace, signal)) {
      const { container, dockerStatus, open, startedAt } = entry;
      if (container === undefined || dockerStatus === '') continue;
      this.#known.addFromHistory(container.containerId, {
        state: stateOf(dockerStatus),
        isOpen: open,
        openSince: open ? startedAt && nanosFromTimestamp(startedAt) : undefined,
        lastSeen: startedAt && nanosFromTimestamp(startedAt),
      });
    }
    this.#known.historyWasRead();
  }

  /** Stores what differs at two looks, because events may be on their way at one. */
  async #compare(signal: AbortSignal): Promise<void> {
    const { timings } = this.context;
    const first = await this.#differing(signal);
    if (first.size === 0) return;
    await delay(timings.secondLookDelay, undefined, { signal });
    const second = await this.#differing(signal);
    for (const [id, known] of second) {
      if (first.get(id) === known) await this.#store(id, known, signal);
    }
  }

  /** The containers that are known to run, or to be there, and are not so at the engine. */
  async #differing(signal: AbortSignal): Promise<Map<string, KnownContainer>> {
    await this.answers.bringUpToDate(undefined, this.#limited(signal));
    const time = systemClock();
    const states = await this.#listed(signal);
    const differing = new Map<string, KnownContainer>();
    for (const [id, known] of this.#known.entries()) {
      const state = states.get(id);
      const isRunning = state === 'running' || state === 'paused' || state === 'restarting';
      if (isRunning) this.#known.seen(id, time);
      const isOver = known.state === 'running' || known.isOpen ? !isRunning : state === undefined;
      if (isOver) differing.set(id, known);
    }
    return differing;
  }

  async #listed(signal: AbortSignal): Promise<Map<string, string>> {
    const answer = await this.context.engine.json(LIST, this.#limited(signal));
    // Taken as an empty list, it would make every container a lost one.
    if (!Array.isArray(answer)) {
      throw new FoghornError('UNAVAILABLE', `GET ${LIST} was not answered with a list`);
    }
    const states = new Map<string, string>();
    for (const one of answer as ({ readonly Id?: unknown; readonly State?: unknown } | null)[]) {
      if (typeof one?.Id === 'string') states.set(one.Id, String(one.State));
    }
    return states;
  }

  async #store(id: string, known: KnownContainer, signal: AbortSignal): Promise<void> {
    const { engine } = this.context;
    const container = inspectedContainer(await engine.inspect(id, this.#limited(signal)));
    if (this.#known.get(id) !== known) return;
    if (known.state === 'running' || known.isOpen) {
      this.#storeEnd(id, endOf(container, known, this.context.boot));
      this.#known.set(id, { ...known, state: 'ended', isOpen: false });
    }
    if (container === undefined) this.#storeRemoval(id);
  }

  #storeEnd(containerId: string, end: RunObservation): void {
    const { namespace, queue, say } = this.context;
    const what = end.$case === 'ended' ? `ended with exit code ${end.value.exitStatus}` : 'is over';
    say(`container ${containerId.slice(0, 12)} ${what}; the engine did not report it`);
    const subject = { namespace, containerId, pid: 0 };
    queue.add({ envelope: observedRunEnvelope(subject, systemClock(), end) });
  }

  #storeRemoval(id: string): void {
    const { namespace, queue } = this.context;
    const destroy: DockerEvent = {
      type: 'container',
      action: 'destroy',
      actorId: id,
      attributes: new Map(),
      scope: 'local',
      timeNano: systemClock(),
      exact: '',
      replayed: true,
      filledIn: true,
    };
    queue.add({ envelope: eventEnvelope(namespace, destroy) });
    this.#known.onEvent(destroy);
  }

  #limited(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, AbortSignal.timeout(this.context.timings.answerTimeout)]);
  }
}

function stateOf(dockerStatus: string): KnownContainer['state'] {
  if (dockerStatus === 'running' || dockerStatus === 'paused') return 'running';
  return dockerStatus === 'created' ? 'created' : 'ended';
}

function endOf(
  container: DockerContainer | undefined,
  { lastSeen, openSince }: KnownContainer,
  boot: HostBoot,
): RunObservation {
  const exitStatus = container?.exitCode;
  const isOfEarlierRun = isBefore(container?.startedAt, openSince);
  if (
    isOfEarlierRun ||
    exitStatus === undefined ||
    exitStatus < 0 ||
    exitStatus === UNKNOWN_EXIT_CODE
  ) {
    return lostRun('the engine', lastSeen, boot);
  }
  return { $case: 'ended', value: { exitStatus, exitedAt: container?.finishedAt } };
}

/**
 * Whether the engine's newest run began before the one that containerd reported: the engine was
 * killed during a start, and does not know that run.
 */
function isBefore(startedAt: Timestamp | undefined, openSince: bigint | undefined): boolean {
  if (startedAt === undefined || openSince === undefined) return false;
  return nanosFromTimestamp(startedAt) < openSince - CLOCK_LAG;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}
