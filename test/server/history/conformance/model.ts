import { expect } from 'chai';
import fc from 'fast-check';
import type { ContainerKey, EncodedEnvelope, Entry } from '../../../../server/history/store.js';
import { StoreUnderTest, type StoreFactory } from './store-under-test.js';

/** Whatever is done to a store, it holds what a plain array holds. */
export function describeModel(factory: StoreFactory): void {
  it('does what a plain array does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands(factory), { maxCommands: 40 }), async (run) => {
        const real = await StoreUnderTest.make(factory);
        try {
          await fc.asyncModelRun(() => ({ model: { stored: [] }, real }), run);
        } finally {
          await real.remove();
        }
      }),
      { numRuns: 30 },
    );
  });
}

interface Model {
  stored: EncodedEnvelope[];
}
type Command = fc.AsyncCommand<Model, StoreUnderTest>;

const CONTAINERS: readonly ContainerKey[] = [
  { namespace: 'default', container: 'a' },
  { namespace: 'default', container: 'ab' },
  { namespace: 'default2', container: 'a' },
];

const ENVELOPE = fc.record({
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.nat(20_000).map((length) => new Uint8Array(length).fill(length)),
  ),
  timestamp: fc.bigInt({ min: -10n, max: 2n ** 61n }),
  key: fc.constantFrom(undefined, ...CONTAINERS),
});
const LIMIT = fc.record({ entries: fc.integer({ min: 1, max: 30 }), bytes: fc.nat(30_000) });

function commands(factory: StoreFactory): fc.Arbitrary<Command>[] {
  const calls = fc.array(fc.array(ENVELOPE, { maxLength: 4 }), { minLength: 1, maxLength: 5 });
  return [
    calls.map((envelopes) => new Append(envelopes)),
    fc
      .tuple(fc.nat(60), LIMIT, fc.constantFrom(undefined, ...CONTAINERS))
      .map(([after, limit, key]) => new Read(after, limit, key)),
    ...(factory.survives ? [fc.constant(new Reopen())] : []),
  ];
}

class Append implements Command {
  constructor(private readonly calls: readonly EncodedEnvelope[][]) {}

  readonly check = (): boolean => true;

  async run(model: Model, { store }: StoreUnderTest): Promise<void> {
    const expected: number[] = [];
    for (const envelopes of this.calls) {
      expected.push(model.stored.length + 1);
      model.stored.push(...envelopes);
    }
    const offsets = await Promise.all(this.calls.map((envelopes) => store.append(envelopes)));
    expect(offsets).deep.equal(expected);
    expect((await store.bounds()).last).equal(model.stored.length);
  }

  readonly toString = (): string => `append(${fc.stringify(this.calls)})`;
}

class Read implements Command {
  constructor(
    private readonly after: number,
    private readonly limit: { entries: number; bytes: number },
    private readonly key: ContainerKey | undefined,
  ) {}

  readonly check = (): boolean => true;

  async run(model: Model, { store }: StoreUnderTest): Promise<void> {
    const entries = await store.read(this.after, this.limit, this.key);
    expect(entries.map(plain)).deep.equal(this.#expected(model));
  }

  #expected({ stored }: Model): unknown[] {
    const found: { offset: number; hex: string }[] = [];
    let bytes = 0;
    for (const [i, envelope] of stored.entries()) {
      const wanted = this.key === undefined || this.key === envelope.key;
      if (i < this.after || !wanted) continue;
      found.push({ offset: i + 1, hex: Buffer.from(envelope.bytes).toString('hex') });
      bytes += envelope.bytes.length;
      if (found.length >= this.limit.entries || bytes >= this.limit.bytes) break;
    }
    return found;
  }

  readonly toString = (): string => `read(${fc.stringify([this.after, this.limit, this.key])})`;
}

function plain({ offset, envelope }: Entry): unknown {
  return { offset, hex: Buffer.from(envelope).toString('hex') };
}

class Reopen implements Command {
  readonly check = (): boolean => true;

  run(_model: Model, real: StoreUnderTest): Promise<void> {
    return real.reopen();
  }

  readonly toString = (): string => 'reopen()';
}
