import { FoghornError } from '../../protocol/errors.js';
import { checkMay, EVERY_NAMESPACE, type Caller } from '../access/caller.js';
import type { FilterSet } from '../filter/index.js';
import { ActiveConsumer } from './active-consumer.js';
import type {
  ConsumerChanges,
  ConsumerSnapshot,
  ConsumerStore,
  Floor,
  NewConsumer,
  ParkedEvent,
} from './consumer-store.js';
import type { ConsumerHolds } from './holds.js';
import { notFound, startsAgain } from './consumer-errors.js';
import { ParkedEntry } from './parked-entry.js';
import type { ConsumerSurroundings } from './working-consumer.js';

/** Parked events that are read from the store at once. */
const PARKED_PAGE = 100;

/** A consumer as the store knows it, and the part of it that works at this broker, if any. */
export interface KnownConsumer {
  readonly snapshot: ConsumerSnapshot;
  readonly active: ActiveConsumer | undefined;
  /** See `ConsumerHolds.isExceeded`. */
  readonly isHoldExceeded: boolean;
}

/** Compiles the filters of a consumer. Rejects with INVALID_ARGUMENT. */
export type CompileFilters = (filters: readonly string[]) => Promise<FilterSet>;

/** The durable consumers of a broker. One without members costs nothing. */
export class DurableConsumers {
  readonly #active = new Map<string, Promise<ActiveConsumer>>();

  constructor(
    private readonly surroundings: ConsumerSurroundings,
    private readonly compile: CompileFilters,
    private readonly holds: Pick<ConsumerHolds, 'isExceeded'>,
  ) {
    surroundings.broker.drained.addEventListener('abort', () => {
      for (const opening of this.#active.values()) {
        opening.then((consumer) => {
          consumer.end(undefined);
        }, noop);
      }
    });
  }

  get store(): ConsumerStore {
    return this.surroundings.store;
  }

  /** Makes a consumer of the caller. Rejects with ALREADY_EXISTS. */
  async create(caller: Caller, consumer: Omit<NewConsumer, 'owner'>): Promise<KnownConsumer> {
    await this.#checkFilters(caller, consumer.settings.filters);
    const snapshot = await this.store.create({ ...consumer, owner: caller.name });
    caller.audit?.changed({ action: 'create consumer', consumer: consumer.name });
    return { snapshot, active: undefined, isHoldExceeded: false };
  }

  /** Rejects with INVALID_ARGUMENT, and for a namespace that the caller may not read. */
  async #checkFilters(caller: Caller, filters: readonly string[]): Promise<void> {
    const filter = await this.compile(filters);
    for (const namespace of this.surroundings.broker.entryViews.namedNamespaces(filter)) {
      checkMay(caller, 'read', namespace);
    }
  }

  /**
   * Rejects with NOT_FOUND, also for the consumer of another caller, who could otherwise find out
   * the names of consumers.
   */
  async get(caller: Caller, name: string): Promise<KnownConsumer> {
    const snapshot = await this.store.get(name);
    if (snapshot === undefined) throw notFound(name);
    if (!isFor(caller, snapshot)) {
      caller.audit?.denied({ right: 'admin', consumer: name });
      throw notFound(name);
    }
    return this.#known(snapshot);
  }

  /** The consumers of the caller, or all for an administrator. */
  async list(caller: Caller): Promise<readonly KnownConsumer[]> {
    const snapshots = (await this.store.list()).filter((snapshot) => isFor(caller, snapshot));
    snapshots.sort((a, b) => (a.name < b.name ? -1 : 1));
    return Promise.all(snapshots.map((snapshot) => this.#known(snapshot)));
  }

  async #known(snapshot: ConsumerSnapshot): Promise<KnownConsumer> {
    const { name } = snapshot;
    const isHoldExceeded = this.holds.isExceeded(name);
    return { snapshot, active: await this.#find(name), isHoldExceeded };
  }

  async update(caller: Caller, name: string, changes: ConsumerChanges): Promise<KnownConsumer> {
    await this.get(caller, name);
    if (changes.settings !== undefined) {
      await this.#checkFilters(caller, changes.settings.filters);
    }
    await this.store.update(name, changes);
    caller.audit?.changed({ action: 'update consumer', consumer: name });
    return this.#refreshed(caller, name);
  }

  async reset(caller: Caller, name: string, floor: Floor): Promise<KnownConsumer> {
    await this.get(caller, name);
    await this.store.reset(name, floor);
    caller.audit?.changed({ action: 'reset consumer', consumer: name });
    return this.#refreshed(caller, name);
  }

  async remove(caller: Caller, name: string): Promise<void> {
    await this.get(caller, name);
    await this.store.remove(name);
    caller.audit?.changed({ action: 'delete consumer', consumer: name });
    const active = await this.#find(name);
    active?.end(notFound(name));
  }

  /** The parked events that the caller may read, in pages. */
  async *parked(caller: Caller, name: string): AsyncGenerator<ParkedEvent, void, undefined> {
    await this.get(caller, name);
    for (let after = 0; ;) {
      const page = await this.store.parked(name, after, PARKED_PAGE);
      for (const event of page) {
        if (caller.readable.has(new ParkedEntry(event).namespace)) yield event;
      }
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.number;
    }
  }

  async replay(
    caller: Caller,
    name: string,
    numbers: readonly number[] | undefined,
  ): Promise<number> {
    await this.get(caller, name);
    const replayed = await this.store.replay(name, numbers);
    caller.audit?.changed({ action: 'replay parked events', consumer: name });
    await this.#refreshed(caller, name);
    return replayed;
  }

  async discard(
    caller: Caller,
    name: string,
    numbers: readonly number[] | undefined,
  ): Promise<number> {
    await this.get(caller, name);
    const removed = await this.store.discard(name, numbers);
    caller.audit?.changed({ action: 'remove parked events', consumer: name });
    return removed;
  }

  async #refreshed(caller: Caller, name: string): Promise<KnownConsumer> {
    const active = await this.#find(name);
    await active?.refresh();
    return this.get(caller, name);
  }

  async #find(name: string): Promise<ActiveConsumer | undefined> {
    const active = await this.#active.get(name)?.catch(noop);
    return active?.hasEnded === false ? active : undefined;
  }

  /**
   * The consumer that works at this broker, begun if it does not yet. Rejects as `get` does, and
   * with FAILED_PRECONDITION while members with other rights are attached.
   */
  async activate(caller: Caller, name: string): Promise<ActiveConsumer> {
    this.surroundings.broker.drained.throwIfAborted();
    const { active: known } = await this.get(caller, name);
    if (known !== undefined) return checkServes(caller, known);
    let opening = this.#active.get(name);
    if (opening === undefined) {
      opening = this.#open(caller, name, () => {
        if (this.#active.get(name) === opening) this.#active.delete(name);
      });
      this.#active.set(name, opening);
      opening.catch(() => {
        if (this.#active.get(name) === opening) this.#active.delete(name);
      });
    }
    const consumer = await opening;
    if (!consumer.hasEnded) return checkServes(caller, consumer);
    throw startsAgain(name);
  }

  async #open(caller: Caller, name: string, onEnd: () => void): Promise<ActiveConsumer> {
    const snapshot = await this.store.get(name);
    if (snapshot === undefined) throw notFound(name);
    const filter = await this.compile(snapshot.settings.filters);
    return ActiveConsumer.open(caller, this.surroundings, snapshot, filter, onEnd);
  }
}

function isFor(caller: Caller, { owner }: ConsumerSnapshot): boolean {
  return owner === caller.name || caller.may('admin', EVERY_NAMESPACE);
}

/**
 * Returns a consumer whose members may read what the caller may read. Throws FAILED_PRECONDITION
 * for another one: callers of one name may have the rights of different groups.
 */
function checkServes(caller: Caller, active: ActiveConsumer): ActiveConsumer {
  const { name } = active.snapshot;
  const { readable } = active.caller;
  if (active.caller.name === caller.name && readable.equals(caller.readable)) return active;
  throw new FoghornError(
    'FAILED_PRECONDITION',
    `consumer ${name} has members with other rights at this broker`,
  );
}

function noop(): undefined {
  return undefined;
}
