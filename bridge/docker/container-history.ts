import { nanosFromTimestamp, unpack } from '../../client/index.js';
import type { Entry } from '../../client/index.js';
import type { TaskExit } from '../../protos/gen/containerd/events/task.js';
import type { DockerContainer, DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { attributesOf, attributesOn } from '../../protocol/container-attributes.js';
import { dockerContainerIn, dockerEventIn } from './envelopes.js';

/** The end of a run of a container's own process, as containerd reported it. */
export interface ReportedExit {
  /** Cursor of the entry that holds the report. */
  readonly cursor: string;
  /** Timestamp of that entry, in nanoseconds since 1970. */
  readonly time: bigint;
  readonly report: TaskExit;
}

/**
 * One start-to-exit of a container, as containerd reported it. Times are timestamps of entries, in
 * nanoseconds since 1970.
 */
export interface ReportedRun {
  readonly pid: number;
  readonly createdAt: bigint | undefined;
  startedAt: bigint | undefined;
  exit: ReportedExit | undefined;
}

/**
 * The reports of containerd and of a Docker engine about one container, built from its entries in
 * the order of history.
 */
export class ContainerHistory {
  readonly runs: ReportedRun[] = [];
  /** Times of all recorded dies, including those that were filled in; nanoseconds since 1970. */
  readonly dies: bigint[] = [];
  #before: DockerEvent | undefined;
  #after: DockerEvent | undefined;
  #described: DockerContainer | undefined;

  constructor(
    private readonly id: string,
    /** Time for which `attributes` holds, in nanoseconds since 1970. */
    private readonly moment: bigint,
  ) {}

  add(entry: Entry): void {
    const time = entry.timestamp === undefined ? 0n : nanosFromTimestamp(entry.timestamp);
    const payload = unpack(entry.event);
    switch (payload?.type) {
      case 'containerd.events.TaskCreate':
        this.#addCreate(payload.value.pid, time);
        break;
      case 'containerd.events.TaskStart':
        this.#runWithPid(payload.value.pid).startedAt ??= time;
        break;
      case 'containerd.events.TaskExit':
        if (isOwn(payload.value)) {
          this.#addExit({ cursor: entry.cursor, time, report: payload.value });
        }
        break;
      default:
        this.#addDockerEvent(dockerEventIn(entry));
        this.#described ??= dockerContainerIn(entry);
    }
  }

  /**
   * The container's labels, image and name. Taken from the engine's newest event up to the moment;
   * otherwise from the engine's description of the container, or from the first event after the
   * moment. Undefined when the engine reported nothing about the container.
   */
  get attributes(): Map<string, string> | undefined {
    if (this.#before !== undefined) return attributesOn(this.#before);
    if (this.#described !== undefined) return attributesOf(this.#described);
    return this.#after && attributesOn(this.#after);
  }

  #addDockerEvent(event: DockerEvent | undefined): void {
    if (event?.type !== 'container' || event.actorId !== this.id) return;
    if (event.action === 'die') this.dies.push(event.timeNano);
    if (event.filledIn) return;
    if (event.timeNano <= this.moment) this.#before = event;
    else this.#after ??= event;
  }

  #addCreate(pid: number, time: bigint): void {
    const run = this.#newest(pid);
    // containerd may send the same report twice.
    if (run?.createdAt !== time) this.#addRun(pid, time);
  }

  /** The first exit of a run is the true one; later ones are clean-ups of a shim or duplicates. */
  #addExit(exit: ReportedExit): void {
    const { pid } = exit.report;
    // A clean-up after a dead shim may not know the pid.
    const run = (pid === 0 ? this.runs.at(-1) : undefined) ?? this.#runWithPid(pid);
    run.exit ??= exit;
  }

  #runWithPid(pid: number): ReportedRun {
    return this.#newest(pid) ?? this.#addRun(pid, undefined);
  }

  #newest(pid: number): ReportedRun | undefined {
    return this.runs.findLast((run) => run.pid === pid);
  }

  #addRun(pid: number, createdAt: bigint | undefined): ReportedRun {
    const run = { pid, createdAt, startedAt: undefined, exit: undefined };
    this.runs.push(run);
    return run;
  }
}

/** Whether an exit is that of the container's own process, and not of an exec. */
export function isOwn({ id, containerId }: TaskExit): boolean {
  return id === '' || id === containerId;
}
