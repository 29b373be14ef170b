import { setTimeout as delay } from 'node:timers/promises';
import { timestampFromNanos } from '../../client/index.js';
import { systemClock } from '../../protocol/clock.js';
import { parseDockerEvent, UNKNOWN_EXIT_CODE } from '../../protocol/docker-event.js';
import { FoghornError } from '../../protocol/errors.js';
import type { DockerEvent, DockerRecording } from '../../protos/gen/foghorn/v1/docker.js';
import { missedEventsEnvelope } from '../missed-events.js';
import { refuseEpoch } from '../own-history.js';
import { OrderlyStop } from '../orderly-stop.js';
import { timeText } from '../time-text.js';
import type { DockerRecorderContext } from './recorder-context.js';
import { eventEnvelope, recordingEnvelope } from './envelopes.js';
import { Inventory } from './inventory.js';
import { RecentLines } from './recent-lines.js';
import { Replay } from './replay.js';
import { StoredEvents } from './stored-events.js';

/** A connection that the engine does not end within these milliseconds has begun. */
const REFUSAL_MS = 250;

/** Milliseconds between two checks whether the engine has sent nothing in between. */
const QUIET_CHECK_MS = 1000;

/** The recording of one engine, across all connections to it. */
export class EngineRecording {
  readonly #inventory: Inventory;
  readonly #recent = new RecentLines();
  readonly #stored: StoredEvents;
  /** Time of the last event that was recorded or is queued, in nanoseconds since 1970. */
  #until: bigint | undefined;
  /** Whether a replay has ended, so that this process knows every line that is replayed again. */
  #knowsReplays = false;
  #eventCount = 0;

  constructor(private readonly context: DockerRecorderContext) {
    this.#inventory = new Inventory(context);
    this.#stored = new StoredEvents(context);
    this.#until = context.state.lastEvent;
  }

  /**
   * Takes events over one connection. Resolves when the queue has no space left, so that the
   * connection is closed, or when the signal aborts.
   *
   * @throws FoghornError UNAVAILABLE when the connection cannot be made or is lost.
   */
  async follow(): Promise<void> {
    const { engine, queue, engineStatus, signal, timings } = this.context;
    while (!(await queue.waitForSpace(timings.spaceTimeout))) if (signal.aborted) return;
    engineStatus.unknown();
    const leaving = new AbortController();
    const stop = new OrderlyStop(signal);
    const connection = AbortSignal.any([stop.signal, leaving.signal]);
    const since = this.#until ?? 0n;
    const begin = once(() => {
      this.#begin();
    });
    const replay = this.#replay(connection, begin);
    const lines = await this.#connect(since, connection).catch((error: unknown) => {
      leaving.abort();
      stop.close();
      throw error;
    });
    const beginning = setTimeout(begin, REFUSAL_MS);
    const quietChecks = this.#advanceWhileQuiet();
    const repeating = setInterval(() => {
      this.#storeRecording({});
      this.#inventory.begin(connection);
    }, timings.repeatInterval);
    const endFound = replay.findEnd(engine, since, connection);
    try {
      await this.#storeAll(lines, replay, begin, stop);
    } finally {
      leaving.abort();
      stop.close();
      clearTimeout(beginning);
      clearInterval(quietChecks);
      clearInterval(repeating);
      engineStatus.unknown();
      await endFound;
      await this.#inventory.whenIdle();
      replay.onConnectionLost();
    }
  }

  /** Throws FAILED_PRECONDITION when the peer serves the history that is recorded into. */
  async #connect(since: bigint, connection: AbortSignal): Promise<AsyncIterable<string>> {
    const { broker, engine } = this.context;
    const { lines, epoch } = await engine.events({ since }, connection);
    if (epoch !== undefined) await refuseEpoch(epoch, broker, engine.name, connection);
    return lines;
  }

  /**
   * Stores the start of the recording: from here on, Docker clients of this namespace see the
   * engine's events.
   */
  #begin(): void {
    const { engine, say, following } = this.context;
    following.connected();
    const from = this.#until === undefined ? 'the oldest it remembers' : timeText(this.#until);
    say(`recording the events of ${engine.name}, starting with ${from}`);
    this.#storeRecording({});
  }

  async #storeAll(
    lines: AsyncIterable<string>,
    replay: Replay,
    begin: () => void,
    stop: OrderlyStop,
  ): Promise<void> {
    const { queue, say, timings, following } = this.context;
    for await (const line of lines) {
      begin();
      const event = this.#parse(line);
      if (event === undefined) continue;
      this.#eventCount++;
      stop.onEvent(Number(event.timeNano / 1_000_000n));
      if (replay.covers(event.timeNano)) this.#storeReplayed(event, line, replay);
      else {
        replay.finish();
        this.#store(event, line);
      }
      if (await queue.waitForSpace(timings.spaceTimeout)) continue;
      say('disconnecting from the Docker engine until the broker has stored the queued events');
      following.paused('waiting for space for events that are not stored yet');
      return;
    }
    throw new FoghornError('UNAVAILABLE', 'the engine ended the stream of events');
  }

  #storeReplayed(event: DockerEvent, line: string, replay: Replay): void {
    if (!this.#recent.has(line)) {
      if (!this.#knowsReplays) this.#loadStored(event.timeNano);
      this.#store({ ...event, replayed: true }, line, () => this.#stored.has(event));
    }
    replay.add(event.timeNano, line);
  }

  /** Usually once: an engine reports its events in the order of their times. */
  #loadStored(since: bigint): void {
    if (this.#stored.covers(since)) return;
    const load = this.#stored.loadFrom(since);
    const { queue } = this.context;
    queue.runInOrder(async (signal) => {
      // The recorder's spool may hold events of an earlier run.
      await queue.whenDrained(signal);
      await load(signal);
    });
  }

  #store(event: DockerEvent, line: string, isKnown = () => false): void {
    const { queue, namespace, state, timings } = this.context;
    const onStored = () => {
      state.moveTo(event.timeNano);
    };
    // Lets the true code be stored first, where containerd is recorded beside the engine.
    const before = isUnknownEnd(event) ? delay(timings.unknownEndDelay, undefined) : undefined;
    queue.add({ envelope: eventEnvelope(namespace, event), before, isKnown, onStored });
    this.#inventory.onEvent(event);
    this.context.received.note(event);
    this.#recent.add(line);
    this.#until = event.timeNano;
  }

  /** Begins a replay, which is complete up to the time of this call. */
  #replay(connection: AbortSignal, begin: () => void): Replay {
    const until = this.#until ?? 0n;
    const { followedUntil = until } = this.context.state;
    const replay = new Replay(this.#until, systemClock(), () => {
      begin();
      const { queue, engine, engineStatus } = this.context;
      const why = this.#whyMissing(replay);
      this.#knowsReplays = true;
      queue.runInOrder(async () => {
        if (!replay.mayHaveHole || (await replay.reachesBack(engine, connection))) return;
        const from = followedUntil > until ? followedUntil : until;
        this.#reportMissing(from, replay.holeEnd > from ? replay.holeEnd : from, why);
      });
      queue.runInOrder(() => {
        this.#stored.forget();
        if (connection.aborted) return;
        engineStatus.following();
        this.#inventory.begin(connection);
      });
    });
    return replay;
  }

  #whyMissing({ isWholeMemory }: Replay): string {
    if (isWholeMemory) return 'the engine remembers only the last 256';
    return this.#knowsReplays
      ? 'the engine was restarted'
      : 'the recorder was not running, and the engine does not remember that time';
  }

  #reportMissing(from: bigint, to: bigint, reason: string): void {
    const { say, queue, namespace, engine, state, following } = this.context;
    following.missed();
    say(`events between ${timeText(from)} and ${timeText(to)} may be missing: ${reason}`);
    this.#storeRecording({
      missingFrom: timestampFromNanos(from),
      missingTo: timestampFromNanos(to),
    });
    const span = { daemon: 'docker', address: engine.name, from, to, reason } as const;
    const onStored = () => {
      state.advance(to);
    };
    queue.add({ envelope: missedEventsEnvelope(namespace, span), onStored });
  }

  #storeRecording(missing: Partial<DockerRecording>): void {
    const { queue, namespace, engine } = this.context;
    const recording = { engine: engine.name, ...missing };
    queue.add({ envelope: recordingEnvelope(namespace, systemClock(), recording) });
  }

  /**
   * Advances the state while the engine has nothing to send: it sends events at once, so everything
   * up to the check before has arrived.
   */
  #advanceWhileQuiet(): NodeJS.Timeout {
    const { queue, state } = this.context;
    let before = { eventCount: -1, time: 0n };
    return setInterval(() => {
      const isQuiet = this.#eventCount === before.eventCount && queue.isEmpty;
      if (isQuiet && this.#knowsReplays && state.followedUntil !== undefined) {
        state.advance(before.time);
      }
      before = { eventCount: this.#eventCount, time: systemClock() };
    }, QUIET_CHECK_MS);
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

function once(run: () => void): () => void {
  let hasRun = false;
  return () => {
    if (hasRun) return;
    hasRun = true;
    run();
  };
}

function isUnknownEnd({ action, attributes }: DockerEvent): boolean {
  return action === 'die' && Number(attributes.get('exitCode')) === UNKNOWN_EXIT_CODE;
}
