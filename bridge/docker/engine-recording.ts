import { timestampFromNanos } from '../../client/index.js';
import { systemClock } from '../../protocol/clock.js';
import { parseDockerEvent } from '../../protocol/docker-event.js';
import { FoghornError } from '../../protocol/errors.js';
import type { DockerEvent, DockerRecording } from '../../protos/gen/foghorn/v1/docker.js';
import { formatRfc3339 } from '../../protocol/rfc3339.js';
import type { DockerRecorderContext } from './recorder-context.js';
import { eventEnvelope, recordingEnvelope } from './envelopes.js';
import { Inventory } from './inventory.js';
import { Replay } from './replay.js';
import type { MissingSpan } from './replay.js';
import { StoredEvents } from './stored-events.js';

/** Milliseconds for which an engine is made to wait for room; then it is left until there is some. */
const SPACE_TIMEOUT_MS = 1000;

/** Milliseconds after which it is stored again that an engine is recorded, long before retention removes the last time. */
const RECORDING_REPEAT_MS = 24 * 60 * 60 * 1000;

/** The recording of one engine, over all connections to it. */
export class EngineRecording {
  readonly #clock = systemClock();
  readonly #inventory: Inventory;
  /** Time of the last event that was recorded or is in hand. */
  #until: bigint | undefined;

  constructor(private readonly context: DockerRecorderContext) {
    this.#inventory = new Inventory(context);
    this.#until = context.state.followedUntil;
  }

  /**
   * Takes events over one connection, for as long as there is room for what it tells. Rejects with UNAVAILABLE when there is
   * none, or no more.
   */
  async follow(): Promise<void> {
    const { engine, queue, sourceConnection, engineStatus, signal } = this.context;
    while (!(await queue.waitForSpace(SPACE_TIMEOUT_MS))) if (signal.aborted) return;
    engineStatus.unknown();
    const leaving = new AbortController();
    const connection = AbortSignal.any([signal, leaving.signal]);
    const since = this.#until ?? 0n;
    const replay = new Replay(this.#until, this.#clock(), () => {
      this.#endReplay(replay, connection);
    });
    const lines = await engine.events({ since }, connection);
    sourceConnection.connected();
    this.#begin();
    const repeating = setInterval(() => {
      this.#storeRecording({});
      this.#inventory.begin(connection);
    }, RECORDING_REPEAT_MS);
    const endFound = replay.findEnd(engine, since, connection);
    try {
      await this.#storeAll(lines, replay);
    } finally {
      leaving.abort();
      clearInterval(repeating);
      engineStatus.unknown();
      await endFound;
      await this.#inventory.whenIdle();
      replay.onConnectionLost();
    }
  }

  /** What is stored first: from here on, what the engine tells is what this namespace shows. */
  #begin(): void {
    const { engine, say } = this.context;
    const from = this.#until === undefined ? 'what it remembers' : timeText(this.#until);
    say(`recording the events of ${engine.name}, from ${from} on`);
    this.#storeRecording({});
  }

  async #storeAll(lines: AsyncIterable<string>, replay: Replay): Promise<void> {
    const { queue, say } = this.context;
    const seam = new StoredEvents(this.context);
    for await (const line of lines) {
      const event = this.#parse(line);
      if (event === undefined) continue;
      if (replay.covers(event.timeNano)) this.#storeReplayed(event, line, replay, seam);
      else {
        replay.finish();
        this.#store(event);
      }
      if (await queue.waitForSpace(SPACE_TIMEOUT_MS)) continue;
      say('leaving the Docker engine until the broker has taken what is in hand');
      return;
    }
    throw new FoghornError('UNAVAILABLE', 'it ended the stream of events');
  }

  #storeReplayed(event: DockerEvent, line: string, replay: Replay, seam: StoredEvents): void {
    // Mostly once: an engine tells its events by their times, unless its clock was stepped.
    if (!seam.covers(event.timeNano)) {
      const open = seam.loadFrom(event.timeNano);
      this.context.queue.runInOrder(open);
    }
    this.#store({ ...event, replayed: true }, () => seam.has(event));
    replay.add(event.timeNano, line);
  }

  #store(event: DockerEvent, isKnown = () => false): void {
    const { queue, namespace, state } = this.context;
    const onStored = () => {
      state.moveTo(event.timeNano);
    };
    queue.add({ envelope: eventEnvelope(namespace, event), isKnown, onStored });
    this.#inventory.onEvent(event);
    this.#until = event.timeNano;
  }

  #endReplay({ missing }: Replay, connection: AbortSignal): void {
    const { queue, engineStatus } = this.context;
    if (missing) this.#reportMissing(missing);
    queue.runInOrder(() => {
      if (connection.aborted) return;
      engineStatus.following();
      this.#inventory.begin(connection);
    });
  }

  #reportMissing({ from, to, why }: MissingSpan): void {
    this.context.say(`those between ${timeText(from)} and ${timeText(to)} may be missing: ${why}`);
    this.#storeRecording({
      missingFrom: timestampFromNanos(from),
      missingTo: timestampFromNanos(to),
    });
  }

  #storeRecording(missing: Partial<DockerRecording>): void {
    const { queue, namespace, engine } = this.context;
    const recording = { engine: engine.name, ...missing };
    queue.add({ envelope: recordingEnvelope(namespace, this.#clock(), recording) });
  }

  /** The event in a line; undefined for one that has none, which is said unless it is empty. */
  #parse(line: string): DockerEvent | undefined {
    if (line.trim() === '') return undefined;
    try {
      return parseDockerEvent(line);
    } catch (error) {
      if (!(error instanceof FoghornError)) throw error;
      this.context.say(`${this.context.engine.name}: ${error.message}`);
      return undefined;
    }
  }
}

function timeText(nanos: bigint): string {
  return formatRfc3339(timestampFromNanos(nanos), 'nine') ?? 'an unknown time';
}
