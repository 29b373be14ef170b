import { expect } from 'chai';
import fc from 'fast-check';
import { containerOfFilter } from '../../../server/broker/filter-facts.js';
import { parseFilters } from '../../../server/filter/index.js';
import { anyEvent, anyFilter } from './any-event.js';
import { viewOf } from './event-views.js';
import { runs } from '../../support/property-runs.js';

function containerOf(...filters: string[]): ReturnType<typeof containerOfFilter> {
  return containerOfFilter(parseFilters(filters));
}

describe('the container of a filter', () => {
  const NAMED: Readonly<Record<string, ReturnType<typeof containerOfFilter>>> = {
    'event.container_id==web': { namespace: undefined, container: 'web' },
    'topic~="^/tasks/",event.container_id==web': { namespace: undefined, container: 'web' },
    'event.container_id==web,namespace==moby': { namespace: 'moby', container: 'web' },
    'event.container_id==web,namespace!=moby': { namespace: undefined, container: 'web' },
  };
  for (const [filter, key] of Object.entries(NAMED)) {
    it(`is named by ${filter}`, () => {
      expect(containerOf(filter)).to.deep.equal(key);
    });
  }

  const UNNAMED = [
    [],
    [''],
    ['namespace==moby'],
    ['event.container_id'],
    ['event.container_id~=web'],
    ['event.container_id!=web'],
    ['event.container_id==""'],
    [`event.container_id==${'x'.repeat(256)}`],
    ['event.id==web'],
    ['event.container_id==web', 'event.container_id==db'],
  ];
  for (const filters of UNNAMED) {
    it(`is not named by ${JSON.stringify(filters).slice(0, 60)}`, () => {
      expect(containerOf(...filters)).to.equal(undefined);
    });
  }

  it('is the container that all passing events are filed under', () => {
    const id = fc.constantFrom('c1', 'c2', 'c3');
    const filter = fc
      .tuple(id, anyFilter)
      .map(([named, rest]) => [`event.container_id==${named}`, rest].filter(Boolean).join(','));
    let passed = 0;
    fc.assert(
      fc.property(filter, fc.array(anyEvent, { maxLength: 20 }), (text, specs) => {
        const set = parseFilters([text]);
        const key = containerOfFilter(set)!;
        const views = specs.map((spec) => viewOf(spec));
        for (const view of views.filter(({ field }) => set.matches(field))) {
          passed += 1;
          expect(view.container).to.equal(key.container);
          expect(view.namespace).to.equal(key.namespace ?? view.namespace);
        }
      }),
      runs(300),
    );
    expect(passed).to.be.above(0);
  });
});
