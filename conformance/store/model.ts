import { expect } from 'chai';
import fc from 'fast-check';
import type {
  ContainerKey,
  EncodedEnvelope,
  Entry,
  ReadLimit,
  Retention,
  Scope,
} from '../../server/history/store.js';
import { NaiveHistory, type NaiveEntry } from './naive-history.js';
import { envelope, rejection, StoreUnderTest, type StoreFactory } from './store-under-test.js';

/** Whatever is done to a store, it holds what plain arrays hold. */
export function describeModel(factory: StoreFactory): void {
  it('does what plain arrays do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands(factory), { maxCommands: 60 }), async (run) => {
        const real = await StoreUnderTest.make(factory);
        try {
          await fc.asyncModelRun(() => ({ model: new NaiveHistory(), real }), run);
        } finally {
          await real.remove();
        }
      }),
      { numRuns: 60 },
    );
  });
}

type Command = fc.AsyncCommand<NaiveHistory, StoreUnderTest>;

const CONTAINERS: readonly ContainerKey[] = [
  { namespace: 'default', container: 'a' },
  { namespace: 'default', container: 'ab' },
  { namespace: 'default2', container: 'a' },
];

const TEXT = fc.oneof(
  fc.string({ maxLength: 40 }).filter((text) => !text.includes('\x02')),
  fc.nat(20_000).map((length) => 'x'.repeat(length)),
);
const ENVELOPE = fc
  .tuple(
    TEXT,
    fc.record(
      {
        timestamp: fc.bigInt({ min: -10n, max: 2n ** 61n }),
        key: fc.constantFrom(...CONTAINERS),
        isLifecycle: fc.boolean(),
        outlasts: fc.boolean(),
        dedupeKey: fc.constantFrom('k', 'l', 'm', 'n'),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([text, options]) => envelope(text, options));
const LIMIT = fc.record({ entries: fc.integer({ min: 1, max: 30 }), bytes: fc.nat(30_000) });
const SCOPE = fc.option(
  fc.record({
    key: fc.constantFrom(...CONTAINERS, { namespace: undefined, container: 'a' }),
    lifecycleOnly: fc.boolean(),
  }),
  { nil: undefined },
);
const AGE = fc.option(fc.bigInt({ min: 0n, max: 3000n }), { nil: undefined });
const RETENTION = fc.record({
  age: AGE,
  bytes: fc.option(fc.nat(60_000), { nil: undefined }),
  entries: fc.option(fc.nat(40), { nil: undefined }),
  exitsAge: AGE,
});

function commands(factory: StoreFactory): fc.Arbitrary<Command>[] {
  const calls = fc.array(fc.array(ENVELOPE, { maxLength: 4 }), { minLength: 1, maxLength: 5 });
  const reads = fc.tuple(fc.nat(80), LIMIT, SCOPE);
  return [
    calls.map((envelopes) => new Append(envelopes)),
    reads.map((read) => new Read(...read)),
    reads.map((read) => new ReadKept(...read)),
    RETENTION.map((retention) => new Trim(retention)),
    fc.bigInt({ min: -200n, max: 900n }).map((step) => new Tick(step)),
    ...(factory.survives ? [fc.constant(new Reopen())] : []),
  ];
}

class Append implements Command {
  constructor(private readonly calls: readonly EncodedEnvelope[][]) {}

  readonly check = (): boolean => true;

  async run(model: NaiveHistory, { store, now }: StoreUnderTest): Promise<void> {
    const expected = this.calls.map((envelopes) =>
      model.append(envelopes, now).map(([{ offset }, duplicate]) => ({ offset, duplicate })),
    );
    const appended = await Promise.all(this.calls.map((envelopes) => store.append(envelopes)));
    const places = appended.map((answers) =>
      answers.map(({ offset, duplicate }) => ({ offset, duplicate })),
    );
    expect(places).deep.equal(expected);
    expect(await store.bounds()).include(model.bounds());
  }

  readonly toString = (): string => `append(${fc.stringify(this.calls)})`;
}

class Read implements Command {
  constructor(
    private readonly after: number,
    private readonly limit: ReadLimit,
    private readonly scope: Scope | undefined,
  ) {}

  readonly check = (): boolean => true;

  async run(model: NaiveHistory, { store }: StoreUnderTest): Promise<void> {
    const expected = model.read(this.after, this.limit, this.scope);
    const read = store.read(this.after, this.limit, this.scope);
    if (expected === undefined) await rejection(read, 'OUT_OF_RANGE');
    else expect((await read).map(plain)).deep.equal(expected.map(plainNaive));
  }

  readonly toString = (): string => `read(${fc.stringify([this.after, this.limit, this.scope])})`;
}

class ReadKept implements Command {
  constructor(
    private readonly after: number,
    private readonly limit: ReadLimit,
    private readonly scope: Scope | undefined,
  ) {}

  readonly check = (): boolean => true;

  async run(model: NaiveHistory, { store }: StoreUnderTest): Promise<void> {
    const expected = model.readKeptExits(this.after, this.limit, this.scope);
    const read = await store.readKeptExits(this.after, this.limit, this.scope);
    expect(read.map(plain)).deep.equal(expected.map(plainNaive));
  }

  readonly toString = (): string =>
    `readKept(${fc.stringify([this.after, this.limit, this.scope])})`;
}

class Trim implements Command {
  constructor(private readonly retention: Retention) {}

  readonly check = (): boolean => true;

  async run(model: NaiveHistory, real: StoreUnderTest): Promise<void> {
    const expected = model.trim(this.retention, real.now);
    expect(await real.trim(this.retention)).equal(expected);
    expect(await real.store.bounds()).include(model.bounds());
    for (const namespace of ['default', 'default2']) {
      const containers = (await real.keysOf(namespace)).map(({ container }) => container);
      expect(containers).have.members([...model.containers(namespace)]);
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

function plainNaive({ offset, storedAt, envelope: { bytes } }: NaiveEntry): unknown {
  return { offset, storedAt, hex: Buffer.from(bytes).toString('hex') };
}
