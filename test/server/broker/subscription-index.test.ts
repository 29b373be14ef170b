import { expect } from 'chai';
import fc from 'fast-check';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { EntryViews } from '../../../server/broker/entry-views.js';
import { SubscriptionIndex, type Subscriber } from '../../../server/broker/subscription-index.js';
import type { EventView } from '../../../server/events/event-view.js';
import { parseFilters, type FilterSet } from '../../../server/filter/index.js';
import type { ContainerKey } from '../../../server/events/filing.js';
import { anyEvent, anyFilter, anyId, anyNamespace } from './any-event.js';
import { viewOf } from './event-views.js';
import { cases, events } from './index-cases.js';
import { runs } from '../../support/property-runs.js';

const ENTRY_VIEWS = new EntryViews(PayloadTypes.load());

const newIndex = (): SubscriptionIndex<EventView, FilterSet> => new SubscriptionIndex(ENTRY_VIEWS);

/** Collects the views that it is offered. */
class Collector implements Subscriber<EventView, FilterSet> {
  readonly offered: EventView[] = [];
  readonly gradual = undefined;
  readonly readable = undefined;
  readonly filter;

  constructor(
    filters: readonly string[],
    readonly container: ContainerKey | undefined,
  ) {
    this.filter = parseFilters(filters);
  }

  postpone(): void {
    expect.fail('its filter needs no budget');
  }

  offer(event: EventView): void {
    this.offered.push(event);
  }

  /** Without any index. */
  wants(event: EventView): boolean {
    const { container, filter } = this;
    const isItsContainer =
      container === undefined ||
      (event.namespace === container.namespace && event.container === container.container);
    return isItsContainer && filter.matches(event.field);
  }
}

/** Whether an index is empty, and so reads nothing of an event. */
function isEmpty(index: SubscriptionIndex<EventView, FilterSet>): boolean {
  let asked = 0;
  const get = (): undefined => {
    asked += 1;
  };
  const view = viewOf(events.exit!);
  Object.defineProperties(view, { field: { get: () => get }, container: { get } });
  index.dispatch(view);
  return asked === 0;
}

const subscriber = fc
  .tuple(
    fc.array(anyFilter, { maxLength: 3 }),
    fc.option(fc.record({ namespace: anyNamespace, container: anyId }), {
      nil: undefined,
      freq: 3,
    }),
  )
  .map(([filters, container]) => ({ filters, container }));

describe('SubscriptionIndex', () => {
  for (const { filters, container, wants } of cases) {
    it(`${JSON.stringify(filters)}${container ? ` of ${JSON.stringify(container)}` : ''}`, () => {
      const collector = new Collector(filters, container);
      const index = newIndex();
      index.add(collector);
      const views = Object.entries(events).map(([name, spec]) => [name, viewOf(spec)] as const);
      for (const [, view] of views) index.dispatch(view);

      const offered = collector.offered.map((view) => views.find((each) => each[1] === view)![0]);
      expect(offered).to.deep.equal(wants);
      const wanted = views.filter(([, view]) => collector.wants(view)).map(([name]) => name);
      expect(wanted, 'without an index').to.deep.equal(wants);
    });
  }

  it('offers each event to exactly those that want it, once', () => {
    fc.assert(
      fc.property(
        fc.array(subscriber, { maxLength: 12 }),
        fc.array(anyEvent, { maxLength: 20 }),
        (specs, eventSpecs) => {
          const index = newIndex();
          const collectors = specs.map((spec) => new Collector(spec.filters, spec.container));
          for (const each of collectors) index.add(each);
          const views = eventSpecs.map((spec) => viewOf(spec));
          for (const view of views) index.dispatch(view);
          for (const each of collectors) {
            expect(each.offered).to.deep.equal(views.filter((view) => each.wants(view)));
          }
        },
      ),
      runs(300),
    );
  });

  it('knows only subscribers that were added and not removed, and keeps nothing of others', () => {
    const steps = fc.array(fc.record({ spec: subscriber, stays: fc.boolean() }), { maxLength: 12 });
    fc.assert(
      fc.property(
        steps,
        fc.array(anyEvent, { minLength: 1, maxLength: 8 }),
        (added, eventSpecs) => {
          const index = newIndex();
          const collectors = added.map(({ spec }) => new Collector(spec.filters, spec.container));
          for (const each of collectors) index.add(each);
          collectors.forEach((each, at) => {
            if (!added[at]!.stays) index.remove(each);
          });
          for (const view of eventSpecs.map((spec) => viewOf(spec))) {
            index.dispatch(view);
            collectors.forEach((each, at) => {
              const expected = added[at]!.stays && each.wants(view) ? [view] : [];
              expect(each.offered.splice(0)).to.deep.equal(expected);
            });
          }
          for (const each of collectors) index.remove(each);
          expect(isEmpty(index)).to.equal(true);
        },
      ),
      runs(300),
    );
  });

  it('can lose a subscriber during a dispatch to it, as when a window overflows', () => {
    const index = newIndex();
    const filters = ['topic=="/tasks/exit"', 'event.id==c1'];
    const others = [new Collector(filters, undefined), new Collector(filters, undefined)];
    const leaver = new Collector(filters, undefined);
    leaver.offer = (view) => {
      leaver.offered.push(view);
      index.remove(leaver);
    };
    for (const each of [others[0]!, leaver, others[1]!]) index.add(each);
    for (let i = 0; i < 3; i++) index.dispatch(viewOf(events.exit!));
    expect(leaver.offered).to.have.lengthOf(1);
    for (const each of others) expect(each.offered).to.have.lengthOf(3);
  });
});
