import { expect } from 'chai';
import {
  FoghornError,
  type Appended,
  type Classification,
  type Damage,
  type DedupeWindow,
  type Entry,
  type ErrorCode,
  type EventStore,
  type NewEntry,
  type ReadResult,
  type Retention,
  type StoreSettings,
} from '../../server/history/driver.js';
import type { StoreDriver, StoreLocation } from './driver.js';
import type { TestFrame } from './frame.js';

export const START = 1_700_000_000_000_000_000n;
export const ALL = { entries: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER };

/** A retention without limits. */
export const KEEP_ALL: Retention = {
  age: undefined,
  bytes: undefined,
  entries: undefined,
  lastingAge: undefined,
  lastingBytes: undefined,
};

/** Small, so that a test can get past its ends. */
export const DEDUPE_WINDOW: DedupeWindow = { entries: 10, age: 1000n };

/** A store in a location of its own, with a clock that stands still until a test moves it. */
export class StoreUnderTest {
  now = START;
  /** The damages that the store has reported, first and last offset of each. */
  readonly reported: [number, number][] = [];

  private constructor(
    private readonly location: StoreLocation,
    public store: EventStore,
  ) {}

  static async make(driver: StoreDriver): Promise<StoreUnderTest> {
    const location = await driver.makeLocation();
    const test: StoreUnderTest = new StoreUnderTest(
      location,
      await location.open(settingsOf(() => test.now)),
    );
    return test;
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.store = await this.location.open(settingsOf(() => this.now));
  }

  /** Damages the entries that contain a text, and opens the history again. */
  async damage(...texts: string[]): Promise<void> {
    await this.store.close();
    for (const text of texts) await this.location.damage?.(text);
    this.store = await this.location.open(this.#settings());
  }

  #settings(): StoreSettings {
    const onDamage = ({ from, to }: Damage): void => void this.reported.push([from, to]);
    return { ...settingsOf(() => this.now), onDamage };
  }

  async remove(): Promise<void> {
    await this.store.close();
    await this.location.remove();
  }

  /** Appends one envelope for each text, in calls that do not wait for each other. */
  async appendTexts(...texts: string[]): Promise<number[]> {
    const appended = texts.map((text) => this.store.append([envelope(text)]));
    return (await Promise.all(appended)).flatMap(appendedOffsets);
  }

  async readAll(after = 0, key?: string): Promise<readonly Entry[]> {
    return entriesOf(await this.store.read(after, ALL, key));
  }

  async readLasting(after = 0, key?: string): Promise<readonly Entry[]> {
    return entriesOf(await this.store.readLasting(after, ALL, key));
  }

  /** Trims until everything is within its limits. Returns the number of removed entries. */
  async trim(retention: Partial<Retention>): Promise<number> {
    let removed = 0;
    for (let done = false; !done;) {
      const step = await this.store.trim({ ...KEEP_ALL, ...retention });
      removed += step.removed;
      done = step.done;
    }
    return removed;
  }

  async keysWith(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const key of this.store.keys(prefix)) keys.push(key);
    return keys;
  }
}

export function settingsOf(
  clock: StoreSettings['clock'],
  dedupeWindow = DEDUPE_WINDOW,
): StoreSettings {
  return { clock, classify, dedupeWindow, onDamage: () => undefined };
}

/** A new store for every test of the suite that this is called in. */
export function freshStore(frame: TestFrame, driver: StoreDriver): () => StoreUnderTest {
  let test: StoreUnderTest;
  frame.beforeEach(async () => {
    test = await StoreUnderTest.make(driver);
  });
  frame.afterEach(() => test.remove());
  return () => test;
}

export function keyOf(group: string, name: string): string {
  return `${group}\0${name}`;
}

/** The key that reads a name in every group. */
export function inAnyGroup(name: string): string {
  return keyOf('', name);
}

/** The key of the main entries under another key. */
export function mainOf(key: string): string {
  return `${key}\0`;
}

export interface EnvelopeOptions extends Partial<Classification> {
  readonly time?: bigint;
  readonly dedupeKey?: string;
}

const UNCLASSIFIED: Classification = { key: undefined, retention: 'ordinary' };
export const CLASSIFICATION_END = '\x02';

/** An envelope of any text. Its classification stands before the text, unless it has none. */
export function envelope(
  text: string,
  { time = START, dedupeKey, ...options }: EnvelopeOptions = {},
): NewEntry {
  const classification = { ...UNCLASSIFIED, ...options };
  const { key, retention } = classification;
  const isClassified = key !== undefined || retention === 'lasting';
  const prefix = isClassified ? JSON.stringify(classification) + CLASSIFICATION_END : '';
  return {
    bytes: Buffer.from(prefix + text),
    time,
    key,
    retention,
    dedupeKey: dedupeKey === undefined ? undefined : Buffer.from(dedupeKey),
  };
}

/** The classification that `envelope` has put into the bytes. */
export function classify(bytes: Uint8Array): Classification {
  const text = Buffer.from(bytes).toString();
  const end = text.indexOf(CLASSIFICATION_END);
  if (end === -1) return UNCLASSIFIED;
  return { ...UNCLASSIFIED, ...(JSON.parse(text.slice(0, end)) as Partial<Classification>) };
}

/** The entries of a read, which must not have been trimmed. */
export function entriesOf(read: ReadResult | readonly Entry[]): readonly Entry[] {
  if ('kind' in read) {
    expect(read.kind).equal('entries');
    return read.kind === 'entries' ? read.entries : [];
  }
  return read;
}

export function textsOf(read: ReadResult | readonly Entry[]): string[] {
  return entriesOf(read).map(({ envelope }) => {
    const text = Buffer.from(envelope).toString();
    return text.slice(text.indexOf(CLASSIFICATION_END) + 1);
  });
}

export function offsetsOf(read: ReadResult | readonly Entry[]): number[] {
  return entriesOf(read).map(({ offset }) => offset);
}

export function appendedOffsets(appended: readonly Appended[]): number[] {
  return appended.map(({ offset }) => offset);
}

/** Expects a rejection with this code and returns its text. */
export async function rejection(promise: Promise<unknown>, code: ErrorCode): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error, `expected a rejection with ${code}`).instanceOf(FoghornError);
  const { code: actual, message } = error as FoghornError;
  expect(actual, message).equal(code);
  return message;
}
