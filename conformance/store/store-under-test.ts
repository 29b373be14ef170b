import { expect } from 'chai';
import { FoghornError, type ErrorCode } from '../../protocol/errors.js';
import type {
  Appended,
  ContainerKey,
  DedupeWindow,
  EncodedEnvelope,
  Entry,
  EventStore,
  Filing,
  Retention,
  Scope,
  StoreSettings,
} from '../../server/history/store.js';

/** What a driver brings along to be held to the contract. */
export interface StoreFactory {
  readonly durability: EventStore['durability'];
  /** Whether a history outlives its store, so that `open` finds it again. */
  readonly survives: boolean;
  /** Makes a place for a history of its own. */
  makePlace(): Promise<StorePlace>;
}

export interface StorePlace {
  /** Opens the history of this place: an empty one at first, and whenever histories do not survive. */
  open(settings: StoreSettings): Promise<EventStore>;
  remove(): Promise<void>;
}

export const START = 1_700_000_000_000_000_000n;
export const ALL = { entries: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER };

/** Nothing is ever over budget. */
export const KEEP_ALL: Retention = {
  age: undefined,
  bytes: undefined,
  entries: undefined,
  exitsAge: undefined,
};

/** Small, so that a test can get past its ends. */
export const DEDUPE_WINDOW: DedupeWindow = { entries: 10, age: 1000n };

/** A store in a place of its own, with a clock that stands still until a test moves it. */
export class StoreUnderTest {
  now = START;

  private constructor(
    private readonly place: StorePlace,
    public store: EventStore,
  ) {}

  static async make(factory: StoreFactory): Promise<StoreUnderTest> {
    const place = await factory.makePlace();
    const test: StoreUnderTest = new StoreUnderTest(
      place,
      await place.open(settingsOf(() => test.now)),
    );
    return test;
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.store = await this.place.open(settingsOf(() => this.now));
  }

  async remove(): Promise<void> {
    await this.store.close();
    await this.place.remove();
  }

  /** Appends one envelope for each text, one call after the other, without waiting in between. */
  async appendTexts(...texts: string[]): Promise<number[]> {
    const appended = texts.map((text) => this.store.append([envelope(text)]));
    return (await Promise.all(appended)).flatMap(placesOf);
  }

  readAll(after = 0, key?: ContainerKey): Promise<Entry[]> {
    return this.store.read(after, ALL, key && { key, lifecycleOnly: false });
  }

  readKept(after = 0, scope?: Scope): Promise<Entry[]> {
    return this.store.readKeptExits(after, ALL, scope);
  }

  /** Trims until nothing is over budget; gives how many entries and kept exits went. */
  async trim(retention: Partial<Retention>): Promise<number> {
    let removed = 0;
    for (let done = false; !done;) {
      const step = await this.store.trim({ ...KEEP_ALL, ...retention });
      removed += step.removed;
      done = step.done;
    }
    return removed;
  }

  async keysOf(namespace: string): Promise<ContainerKey[]> {
    const keys: ContainerKey[] = [];
    for await (const key of this.store.keys(namespace)) keys.push(key);
    return keys;
  }
}

export function settingsOf(
  clock: StoreSettings['clock'],
  dedupeWindow = DEDUPE_WINDOW,
): StoreSettings {
  return { clock, filingOf, dedupeWindow };
}

/** A fresh store for every test of the suite that this is called in. */
export function freshStore(factory: StoreFactory): () => StoreUnderTest {
  let test: StoreUnderTest;
  beforeEach(async () => {
    test = await StoreUnderTest.make(factory);
  });
  afterEach(() => test.remove());
  return () => test;
}

export interface EnvelopeOptions extends Partial<Filing> {
  readonly timestamp?: bigint;
  readonly dedupeKey?: string;
}

const UNFILED: Filing = { key: undefined, isLifecycle: false, outlasts: false };
export const FILING_END = '\x02';

/** An envelope of any text. Drivers do not look into it; how it is filed stands before the text, if it is. */
export function envelope(
  text: string,
  { timestamp = START, dedupeKey, ...options }: EnvelopeOptions = {},
): EncodedEnvelope {
  const filing = { ...UNFILED, ...options };
  const isFiled = filing.key !== undefined || filing.outlasts;
  return {
    bytes: Buffer.from(isFiled ? JSON.stringify(filing) + FILING_END + text : text),
    timestamp,
    filing,
    dedupeKey: dedupeKey === undefined ? undefined : Buffer.from(dedupeKey),
  };
}

/** What `envelope` filed it as. */
export function filingOf(bytes: Uint8Array): Filing {
  const text = Buffer.from(bytes).toString();
  const end = text.indexOf(FILING_END);
  if (end === -1) return UNFILED;
  return { ...UNFILED, ...(JSON.parse(text.slice(0, end)) as Partial<Filing>) };
}

export function textsOf(entries: readonly Entry[]): string[] {
  return entries.map(({ envelope }) => {
    const text = Buffer.from(envelope).toString();
    return text.slice(text.indexOf(FILING_END) + 1);
  });
}

/** Where newly stored envelopes are. */
export function placesOf(appended: readonly Appended[]): number[] {
  return appended.map(({ offset }) => offset);
}

export function offsetsOf(entries: readonly Entry[]): number[] {
  return entries.map(({ offset }) => offset);
}

/** Expects a rejection with this code, and gives its text. */
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
