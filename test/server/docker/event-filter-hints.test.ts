import { expect } from 'chai';
import fc from 'fast-check';
import type { DockerEventFields } from '../../../protocol/docker-event.js';
import { parseEventFilters, type EventFilters } from '../../../server/docker/event-filters.js';
import { runs } from '../../support/property-runs.js';

function parse(filters: object): EventFilters {
  return parseEventFilters(JSON.stringify(filters));
}

describe('the index hints of event filters', () => {
  const ID = 'b8333c3b8ef29e7fe8c23cfc09a2a0fcbb4a616d42f5efdb77ba1ea72e6ca0c5';

  const PREFIXES: [filters: object, prefixes: string[] | undefined][] = [
    [{}, undefined],
    [{ type: ['container'] }, undefined],
    [{ image: ['app'] }, undefined],
    [{ container: ['web', 'db'] }, ['web', 'db']],
    [{ volume: ['v'], container: ['web'] }, ['web']],
    [{ secret: ['s'], container: [] }, ['s']],
    [{ container: { web: false } }, ['web']],
    // Every text begins with the empty one.
    [{ container: ['web', ''] }, undefined],
    [{ container: [''], network: ['n'] }, ['n']],
  ];
  for (const [filters, prefixes] of PREFIXES) {
    it(`the prefixes of ${JSON.stringify(filters)} are ${prefixes?.join(', ')}`, () => {
      expect(parse(filters).prefixes).to.deep.equal(prefixes);
    });
  }

  it('are the id if there is one, in full', () => {
    expect(parse({ container: [ID], type: ['container'] }).fullId).to.equal(ID);
    for (const container of [[ID.slice(0, 12)], [`${ID}0`], [ID.toUpperCase()], [ID, 'web'], []]) {
      expect(parse({ container }).fullId).to.equal(undefined);
    }
  });

  it('are the first label with a value', () => {
    const { label } = parse({ label: ['flag', 'eq=a=b', 'x=y'] });
    expect(label).to.deep.equal({ name: 'eq', value: 'a=b' });
    expect(parse({ label: ['flag'] }).label).to.equal(undefined);
  });

  it('say whether only containers pass', () => {
    expect(parse({ type: ['container'] }).containersOnly).to.be.true;
    expect(parse({ type: { container: true, image: false } }).containersOnly).to.be.true;
    for (const filters of [{}, { type: [] }, { type: ['container', 'image'] }]) {
      expect(parse(filters).containersOnly, JSON.stringify(filters)).to.be.false;
    }
  });

  it('cannot be changed', () => {
    const filters = parse({ container: ['web'], label: ['a=b'] });
    expect(filters).to.be.frozen;
    expect(filters.prefixes).to.be.frozen;
    expect(filters.label).to.be.frozen;
  });

  // Few words, so that many events pass.
  const word = fc.constantFrom('', 'a', 'b', 'ab', 'ba');
  const labelWord = fc.constantFrom('a', 'b', 'a=a', 'a=b', 'b=', 'b=a=b', '=a');
  const typeWord = fc.constantFrom('container', 'image', 'network');
  const subset = (words: fc.Arbitrary<string>) =>
    fc.oneof(
      fc.uniqueArray(words, { maxLength: 3 }).map((values) => values.map((value) => [value, true])),
      fc.uniqueArray(fc.tuple(words, fc.boolean()), { maxLength: 3, selector: ([value]) => value }),
    );
  const spelled = (words: fc.Arbitrary<string>) =>
    subset(words).map((values) => Object.fromEntries(values) as Record<string, boolean>);
  const filters = fc.record(
    {
      container: spelled(word),
      network: spelled(word),
      config: spelled(word),
      label: spelled(labelWord),
      type: spelled(typeWord),
    },
    { requiredKeys: [] },
  );
  const attributes = fc
    .dictionary(fc.constantFrom('', 'a', 'b', 'name'), word)
    .map((given) => new Map(Object.entries(given)));
  const events: fc.Arbitrary<DockerEventFields> = fc.record({
    type: typeWord,
    action: fc.constant('die'),
    actorId: word,
    attributes,
    scope: fc.constant('local'),
    timeNano: fc.constant(0n),
  });

  it('hold for every event that passes', () => {
    fc.assert(
      fc.property(filters, events, (given, event) => {
        const parsed = parse(given);
        fc.pre(parsed.matches(event));
        const { prefixes, label, containersOnly } = parsed;
        const texts = [event.actorId, event.attributes.get('name') ?? ''];
        if (prefixes !== undefined) {
          expect(prefixes).to.not.include('');
          expect(texts.some((text) => prefixes.some((prefix) => text.startsWith(prefix)))).to.be
            .true;
        }
        if (label !== undefined) expect(event.attributes.get(label.name)).to.equal(label.value);
        if (containersOnly) expect(event.type).to.equal('container');
      }),
      runs(500),
    );
  });
});
