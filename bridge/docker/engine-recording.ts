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

/** The recording of one engine, across all connections to it. */
export class EngineRecording {
  readonly #clock = systemClock();
  readonly #inventory: Inventory;
  /** Time of the last event that was recorded or is queued, in nanoseconds since 1970. */
  #until: bigint | undefined;

  constructor(private readonly context: DockerRecorderContext) {
    this.#inventory = new Inventory(context);
    this.#until = context.state.followedUntil;
  }

  /**
   * Takes events over one connection. Resolves when the queue has no space left, so that the
   * connection is closed, or when the signal aborts.
   *
   * @throws FoghornError UNAVAILABLE when the connection cannot be made or is lost.
   */
  async follow(): Promise<void> {
    const { engine, queue, sourceConnection, engineStatus, signal, timings } = this.context;
    while (!(await queue.waitForSpace(timings.spaceTimeout))) if (signal.aborted) return;
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
    }, timings.repeatInterval);
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

  /**
   * Stores the start of the recording: from here on, Docker clients of this namespace see the
   * engine's events.
   */
  #begin(): void {
    const { engine, say } = this.context;
    const from = this.#until === undefined ? 'the oldest it remembers' : timeText(this.#until);
    say(`recording the events of ${engine.name}, starting with ${from}`);
    this.#storeRecording({});
  }

  async #storeAll(lines: AsyncIterable<string>, replay: Replay): Promise<void> {
    const { queue, say, timings } = this.context;
    const stored = new StoredEvents(this.context);
    for await (const line of lines) {
      const event = this.#parse(line);
      if (event === undefined) continue;
      if (replay.covers(event.timeNano)) this.#storeReplayed(event, line, replay, stored);
      else {
        replay.finish();
        this.#store(event);
      }
      if (await queue.waitForSpace(timings.spaceTimeout)) continue;
      say('disconnecting from the Docker engine until the broker has stored the queued events');
      return;
    }
    throw new FoghornError('UNAVAILABLE', 'the engine ended the stream of events');
  }

  #storeReplayed(event: DockerEvent, line: string, replay: Replay, stored: StoredEvents): void {
    // Usually once: an engine reports its events in the order of their times, unless its clock was
    // stepped.
    if (!stored.covers(event.timeNano)) {
      const load = stored.loadFrom(event.timeNano);
      this.context.queue.runInOrder(load);
    }
    this.#store({ ...event, replayed: true }, () => stored.has(event));
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
    this.context.say(`events between ${timeText(from)} and ${timeText(to)} may be missing: ${why}`);
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

  /** Returns the event in a line; reports a line that has none, unless it is empty. */
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
