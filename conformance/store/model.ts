import { expect } from 'chai';
import fc from 'fast-check';
import type { Entry, EventStore, NewEntry, Retention } from '../../server/history/driver.js';
import { RANDOM_HISTORIES, type StoreDriver } from './driver.js';
import type { TestFrame } from './frame.js';
import { NaiveHistory, type NaiveEntry } from './naive-history.js';
import {
  entriesOf,
  envelope,
  inAnyGroup,
  keyOf,
  mainOf,
  StoreUnderTest,
} from './store-under-test.js';

export function describeModel({ it }: TestFrame, driver: StoreDriver): void {
  it('holds the same as plain arrays after any sequence of calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands(driver), { maxCommands: 60 }), async (run) => {
        const real = await StoreUnderTest.make(driver);
        try {
          await fc.asyncModelRun(() => ({ model: new NaiveHistory(), real }), run);
        } finally {
          await real.remove();
        }
      }),
      { numRuns: driver.randomHistories ?? RANDOM_HISTORIES },
    );
  });
}

type Command = fc.AsyncCommand<NaiveHistory, StoreUnderTest>;

const PATHS = [keyOf('default', 'a'), keyOf('default', 'ab'), keyOf('default2', 'a')];
const KEYS = [...PATHS, ...PATHS.map(mainOf)];
const READ_KEYS = [...KEYS, inAnyGroup('a'), mainOf(inAnyGroup('a'))];

const TEXT = fc.oneof(
  fc.string({ maxLength: 40 }).filter((text) => !text.includes('\x02')),
  fc.nat(20_000).map((length) => 'x'.repeat(length)),
);
const ENTRY = fc
  .tuple(
    TEXT,
    fc.record(
      {
        time: fc.bigInt({ min: -10n, max: 2n ** 61n }),
        key: fc.constantFrom(...KEYS),
        retention: fc.constantFrom('ordinary' as const, 'lasting' as const),
        dedupeKey: fc.constantFrom('k', 'l', 'm', 'n'),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([text, options]) => envelope(text, options));
const LIMIT = fc.record({ entries: fc.integer({ min: 1, max: 30 }), bytes: fc.nat(30_000) });
const READ_KEY = fc.option(fc.constantFrom(...READ_KEYS), { nil: undefined });
const AGE = fc.option(fc.bigInt({ min: 0n, max: 3000n }), { nil: undefined });
const RETENTION = fc.record({
  age: AGE,
  bytes: fc.option(fc.nat(60_000), { nil: undefined }),
  entries: fc.option(fc.nat(40), { nil: undefined }),
  lastingAge: AGE,
  lastingBytes: fc.option(fc.nat(30_000), { nil: undefined }),
  holds: fc.array(fc.record({ after: fc.nat(60), bytes: fc.nat(60_000) }), { maxLength: 2 }),
});

function commands(driver: StoreDriver): fc.Arbitrary<Command>[] {
  const calls = fc.array(fc.array(ENTRY, { maxLength: 4 }), { minLength: 1, maxLength: 5 });
  const reads = fc.tuple(fc.nat(80), LIMIT, READ_KEY);
  return [
    calls.map((entries) => new Append(entries)),
    reads.map((read) => new Read('read', read)),
    reads.map((read) => new Read('readLasting', read)),
    RETENTION.map((retention) => new Trim(retention)),
    fc.bigInt({ min: -200n, max: 900n }).map((step) => new Tick(step)),
    ...(driver.persistent ? [fc.constant(new Reopen())] : []),
  ];
}

class Append implements Command {
  constructor(private readonly calls: readonly NewEntry[][]) {}

  readonly check = (): boolean => true;

  async run(model: NaiveHistory, { store, now }: StoreUnderTest): Promise<void> {
    const expected = this.calls.map((entries) =>
      model.append(entries, now).map(([{ offset }, duplicate]) => ({ offset, duplicate })),
    );
    const appended = await Promise.all(this.calls.map((entries) => store.append(entries)));
    const answers = appended.map((ofCall) =>
      ofCall.map(({ offset, duplicate }) => ({ offset, duplicate })),
    );
    expect(answers).deep.equal(expected);
    expect(await store.bounds()).include(model.bounds());
    expect((await store.sync()).offset).equal(model.bounds().last);
  }

  readonly toString = (): string => `append(${fc.stringify(this.calls)})`;
}

/** A read of the kept entries, or of the lasting ones before them. */
class Read implements Command {
  constructor(
    private readonly method: 'read' | 'readLasting',
    private readonly args: Parameters<EventStore['read']>,
  ) {}

  readonly check = (): boolean => true;

  async run(model: NaiveHistory, { store }: StoreUnderTest): Promise<void> {
    const expected = model[this.method](...this.args);
    const read = await store[this.method](...this.args);
    if (typeof expected === 'number') expect(read).deep.equal({ kind: 'trimmed', first: expected });
    else expect(entriesOf(read).map(plain)).deep.equal(expected.map(plainNaive));
  }

  readonly toString = (): string => `${this.method}(${fc.stringify(this.args)})`;
}

class Trim implements Command {
  constructor(private readonly retention: Retention) {}

  readonly check = (): boolean => true;

  async run(model: NaiveHistory, real: StoreUnderTest): Promise<void> {
    const expected = model.trim(this.retention, real.now);
    expect(await real.trim(this.retention)).equal(expected);
    expect(await real.store.bounds()).include(model.bounds());
    for (const prefix of ['default\0', 'default2\0']) {
      expect(await real.keysWith(prefix)).have.members([...model.keys(prefix)]);
    }
  }

  readonly toString = (): string => `trim(${fc.stringify(this.retention)})`;
}

class Tick implements Command {
  constructor(private readonly step: bigint) {}

  readonly check = (): boolean => true;

  run(_model: NaiveHistory, real: StoreUnderTest): Promise<void> {
    real.now += this.step;
    return Promise.resolve();
  }

  readonly toString = (): string => `tick(${this.step})`;
}

class Reopen implements Command {
  readonly check = (): boolean => true;

  run(_model: NaiveHistory, real: StoreUnderTest): Promise<void> {
    return real.reopen();
  }

  readonly toString = (): string => 'reopen()';
}

function plain({ offset, storedAt, envelope: bytes }: Entry): unknown {
  return { offset, storedAt, hex: Buffer.from(bytes).toString('hex') };
}

function plainNaive({ offset, storedAt, entry: { bytes } }: NaiveEntry): unknown {
  return { offset, storedAt, hex: Buffer.from(bytes).toString('hex') };
}
