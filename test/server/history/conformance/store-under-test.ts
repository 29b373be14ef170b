import { expect } from 'chai';
import { FoghornError, type ErrorCode } from '../../../../protos/errors.js';
import type { Clock } from '../../../../protos/clock.js';
import type { EncodedEnvelope, Entry, EventStore } from '../../../../server/history/store.js';

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
  open(clock: Clock): Promise<EventStore>;
  remove(): Promise<void>;
}

const START = 1_700_000_000_000_000_000n;
const ALL = { entries: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER };

/** A store in a place of its own, with a clock that stands still until a test moves it. */
export class StoreUnderTest {
  now = START;

  private constructor(
    private readonly place: StorePlace,
    public store: EventStore,
  ) {}

  static async make(factory: StoreFactory): Promise<StoreUnderTest> {
    const place = await factory.makePlace();
    const test: StoreUnderTest = new StoreUnderTest(place, await place.open(() => test.now));
    return test;
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.store = await this.place.open(() => this.now);
  }

  async remove(): Promise<void> {
    await this.store.close();
    await this.place.remove();
  }

  /** Appends one envelope for each text, one call after the other, without waiting in between. */
  appendTexts(...texts: string[]): Promise<number[]> {
    return Promise.all(texts.map((text) => this.store.append([envelope(text)])));
  }

  readAll(after = 0, key?: EncodedEnvelope['key']): Promise<Entry[]> {
    return this.store.read(after, ALL, key);
  }
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

/** Drivers do not look into the bytes, so any text will do. */
export function envelope(
  text: string,
  { timestamp = START, key }: Partial<Omit<EncodedEnvelope, 'bytes'>> = {},
): EncodedEnvelope {
  return { bytes: Buffer.from(text), timestamp, key };
}

export function textsOf(entries: readonly Entry[]): string[] {
  return entries.map(({ envelope }) => Buffer.from(envelope).toString());
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
