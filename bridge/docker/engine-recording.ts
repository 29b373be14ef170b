import { timestampFromNanos } from '../../client/index.js';
import { systemClock } from '../../protocol/clock.js';
import { parseDockerEvent } from '../../protocol/docker-event.js';
import { FoghornError } from '../../protocol/errors.js';
import type { DockerEvent, DockerRecording } from '../../protos/gen/foghorn/v1/docker.js';
import { formatRfc3339 } from '../../protocol/rfc3339.js';
import type { ConnectionNotes } from '../../cli/connection-notes.js';
import type { DockerBridge } from './bridge-parts.js';
import { eventEnvelope, recordingEnvelope } from './envelopes.js';
import { Inventory } from './inventory.js';
import { Replay } from './replay.js';
import type { Missing } from './replay.js';
import { Seam } from './seam.js';

/** Milliseconds for which an engine is made to wait for room; then it is left until there is some. */
const PATIENCE = 1000;

/** Milliseconds after which it is stored again that an engine is recorded, long before retention removes the last time. */
const REPEAT = 24 * 60 * 60 * 1000;

/** The recording of one engine, over all connections to it. */
export class EngineRecording {
  readonly #clock = systemClock();
  readonly #inventory: Inventory;
  /** Time of the last event that was recorded or is in hand. */
  #until: bigint | undefined;

  constructor(
    private readonly bridge: DockerBridge,
    private readonly notes: ConnectionNotes,
  ) {
    this.#inventory = new Inventory(bridge);
    this.#until = bridge.state.followedUntil;
  }

  /**
   * Takes events over one connection, for as long as there is room for what it tells. Rejects with UNAVAILABLE when there is
   * none, or no more.
   */
  async follow(): Promise<void> {
    const { engine, recorder, watch, signal } = this.bridge;
    while (!(await recorder.room(PATIENCE))) if (signal.aborted) return;
    watch.unknown();
    const leaving = new AbortController();
    const connection = AbortSignal.any([signal, leaving.signal]);
    const since = this.#until ?? 0n;
    const replay = new Replay(this.#until, this.#clock(), () => {
      this.#endReplay(replay, connection);
    });
    const lines = await engine.events({ since }, connection);
    this.notes.connected();
    this.#begin();
    const repeating = setInterval(() => {
      this.#takeRecording({});
      this.#inventory.begin(connection);
    }, REPEAT);
    const endFound = replay.findEnd(engine, since, connection);
    try {
      await this.#takeAll(lines, replay);
    } finally {
      leaving.abort();
      clearInterval(repeating);
      watch.unknown();
      await endFound;
      await this.#inventory.settled();
      replay.cut();
    }
  }

  /** What is stored first: from here on, what the engine tells is what this namespace shows. */
  #begin(): void {
    const { engine, say } = this.bridge;
    const from = this.#until === undefined ? 'what it remembers' : timeText(this.#until);
    say(`recording the events of ${engine.name}, from ${from} on`);
    this.#takeRecording({});
  }

  async #takeAll(lines: AsyncIterable<string>, replay: Replay): Promise<void> {
    const { recorder, say } = this.bridge;
    const seam = new Seam(this.bridge);
    for await (const line of lines) {
      const event = this.#parse(line);
      if (event === undefined) continue;
      if (replay.holds(event.timeNano)) this.#takeReplayed(event, line, replay, seam);
      else {
        replay.over();
        this.#take(event);
      }
      if (await recorder.room(PATIENCE)) continue;
      say('leaving the Docker engine until the broker has taken what is in hand');
      return;
    }
    throw new FoghornError('UNAVAILABLE', 'it ended the stream of events');
  }

  #takeReplayed(event: DockerEvent, line: string, replay: Replay, seam: Seam): void {
    // Mostly once: an engine tells its events by their times, unless its clock was stepped.
    if (!seam.reaches(event.timeNano)) {
      const open = seam.openFrom(event.timeNano);
      this.bridge.recorder.afterwards(open);
    }
    this.#take({ ...event, replayed: true }, () => seam.has(event));
    replay.told(event.timeNano, line);
  }

  #take(event: DockerEvent, isKnown = () => false): void {
    const { recorder, namespace, state } = this.bridge;
    const onStored = () => {
      state.moveTo(event.timeNano);
    };
    recorder.take({ envelope: eventEnvelope(namespace, event), isKnown, onStored });
    this.#inventory.told(event);
    this.#until = event.timeNano;
  }

  #endReplay({ missing }: Replay, connection: AbortSignal): void {
    const { recorder, watch } = this.bridge;
    if (missing) this.#tellMissing(missing);
    recorder.afterwards(() => {
      if (connection.aborted) return;
      watch.following();
      this.#inventory.begin(connection);
    });
  }

  #tellMissing({ from, to, why }: Missing): void {
    this.bridge.say(`those between ${timeText(from)} and ${timeText(to)} may be missing: ${why}`);
    this.#takeRecording({
      missingFrom: timestampFromNanos(from),
      missingTo: timestampFromNanos(to),
    });
  }

  #takeRecording(missing: Partial<DockerRecording>): void {
    const { recorder, namespace, engine } = this.bridge;
    const recording = { engine: engine.name, ...missing };
    recorder.take({ envelope: recordingEnvelope(namespace, this.#clock(), recording) });
  }

  /** The event in a line; undefined for one that has none, which is said unless it is empty. */
  #parse(line: string): DockerEvent | undefined {
    if (line.trim() === '') return undefined;
    try {
      return parseDockerEvent(line);
    } catch (error) {
      if (!(error instanceof FoghornError)) throw error;
      this.bridge.say(`${this.bridge.engine.name}: ${error.message}`);
      return undefined;
    }
  }
}

function timeText(nanos: bigint): string {
  return formatRfc3339(timestampFromNanos(nanos), 'nine') ?? 'an unknown time';
}
