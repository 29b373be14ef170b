import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { BROKER } from '../../../server/access/caller.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { Broker } from '../../../server/broker/broker.js';
import type { ContainerScope } from '../../../server/broker/read-options.js';
import { systemClock } from '../../../protocol/clock.js';
import type { EventView } from '../../../server/events/event-view.js';
import { parseFilters } from '../../../server/filter/index.js';
import { openStore } from '../../../server/history/open.js';
import { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { viewOf } from './event-views.js';
import { ModelReader, type Wish } from './model-reader.js';
import { requestedEnvelopeIn } from '../../support/requested-envelope.js';
import { runs } from '../../support/property-runs.js';

const EVERYTHING: Wish = {
  filter: parseFilters([]),
  scope: undefined,
  stopWhenCaughtUp: false,
  limit: Infinity,
};

function scopeOf(container: string): ContainerScope {
  return { key: { namespace: 'default', container }, lifecycleOnly: false };
}

/** Readers of every kind. Those that end by themselves resume with a new stream. */
const WISHES: readonly Wish[] = [
  EVERYTHING,
  { ...EVERYTHING, filter: parseFilters(['event.container_id==c3']) },
  { ...EVERYTHING, filter: parseFilters(['namespace==default,event.container_id==c3']) },
  { ...EVERYTHING, scope: scopeOf('c3') },
  { ...EVERYTHING, filter: parseFilters(['event.pid~=7$', 'event.container_id==c4']) },
  { ...EVERYTHING, filter: parseFilters(['topic=="/none"']) },
  { ...EVERYTHING, stopWhenCaughtUp: true },
  { ...EVERYTHING, scope: scopeOf('c5'), stopWhenCaughtUp: true },
  { ...EVERYTHING, filter: parseFilters(['event.container_id==c2']), limit: 7 },
];

type Step =
  | { readonly kind: 'forward'; readonly events: number; readonly bytes: number }
  | { readonly kind: 'take'; readonly reader: number; readonly messages: number }
  | { readonly kind: 'drop'; readonly reader: number };

const reader = fc.nat(WISHES.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('forward' as const),
    // Beyond a window of 1024 entries, and with the larger payloads beyond its bytes.
    events: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 30 }) },
      fc.integer({ min: 500, max: 1500 }),
    ),
    bytes: fc.constantFrom(0, 0, 5000),
  }),
  fc.record({
    kind: fc.constant('take' as const),
    reader,
    messages: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ kind: fc.constant('drop' as const), reader }),
);

/** A history that grows, with all kinds of readers of it. */
class World {
  readonly readers: readonly ModelReader[];
  readonly #views = new Map<number, EventView>();
  #count = 0;

  constructor(private readonly broker: Broker) {
    this.readers = WISHES.map((wish) => new ModelReader(broker, wish, this.#naive(wish)));
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const each of steps) {
      if (each.kind === 'forward') await this.#forward(each.events, each.bytes);
      else if (each.kind === 'drop') await this.readers[each.reader]!.drop();
      else {
        await this.readers[each.reader]!.open();
        this.readers[each.reader]!.permit(each.messages);
      }
      // Lets the readers run between the steps.
      await nextIteration();
    }
  }

  /** All readers read to the end. */
  async finish(): Promise<void> {
    for (const each of this.readers) await each.open();
    this.broker.drain();
    const ended = this.readers.map((each) => each.finish());
    await Promise.all(ended);
  }

  async #forward(events: number, bytes: number): Promise<void> {
    const topic = `/${'x'.repeat(10)}`.repeat(Math.ceil(bytes / 11)) || '/tasks/exit';
    const sent: Promise<unknown>[] = [];
    for (let i = 0; i < events; i++) {
      const envelope = Envelope.encode(exitEnvelope(++this.#count, { topic })).finish();
      sent.push(this.broker.intake.forward(BROKER, requestedEnvelopeIn(envelope)));
    }
    await Promise.all(sent);
  }

  #naive({ filter, scope }: Wish): (offset: number) => boolean {
    return (offset) => {
      const view = this.#view(offset);
      const isAbout = scope === undefined || view.container === scope.key.container;
      return isAbout && filter.matches(view.field);
    };
  }

  #view(offset: number): EventView {
    let view = this.#views.get(offset);
    if (view === undefined) {
      const exit = exitEnvelope(offset);
      const value = Buffer.from(exit.event!.value).toString('hex');
      view = viewOf({ ...exit, raw: { typeUrl: exit.event!.typeUrl, value } });
      this.#views.set(offset, view);
    }
    return view;
  }
}

async function check(store: string, steps: readonly Step[]): Promise<void> {
  const history = await openStore(store, systemClock);
  const broker = await Broker.start(history, PayloadTypes.load([]), systemClock);
  try {
    const world = new World(broker);
    await world.run(steps);
    await world.finish();
    expect((await broker.describe(BROKER)).subscriptionCount).to.equal(0);
  } finally {
    broker.close();
    await history.close();
  }
}

describe('delivery', () => {
  const steps = fc.array(step, { minLength: 5, maxLength: 30 });

  it('delivers all that a reader wants, in order and once, however slow it is and however often it resumes', () =>
    fc.assert(
      fc.asyncProperty(steps, (each) => check('memory:', each)),
      runs(25),
    ));

  it('does the same over a store on disk', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-model-'));
    let runs = 0;
    const property = fc.asyncProperty(steps, (each) => check(`lmdb:${directory}/${runs++}`, each));
    try {
      await fc.assert(property, { numRuns: 4 });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
