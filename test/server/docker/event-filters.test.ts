import { expect } from 'chai';
import type { DockerEventFields } from '../../../protocol/docker-event.js';
import { parseEventFilters } from '../../../server/docker/event-filters.js';
import { vectorsOf } from './docker-vectors.js';

function event(
  fields: Partial<Omit<DockerEventFields, 'attributes'>>,
  attributes: Readonly<Record<string, string>> = {},
): DockerEventFields {
  return {
    type: 'container',
    action: 'die',
    actorId: '',
    scope: 'local',
    timeNano: 0n,
    attributes: new Map(Object.entries(attributes)),
    ...fields,
  };
}

function matches(filters: object, candidate: DockerEventFields): boolean {
  return parseEventFilters(JSON.stringify(filters)).matches(candidate);
}

describe('event filters', () => {
  describe('prefixes of ids and names', () => {
    for (const { name, values, in: text, expect: expected } of vectorsOf('match-prefix')) {
      it(`${name} ${values.join(' ')} ${expected ? 'matches' : 'does not match'} ${text}`, () => {
        expect(matches({ [name]: values }, event({ actorId: text }))).to.equal(expected);
        expect(matches({ [name]: values }, event({}, { name: text }))).to.equal(expected);
      });
    }

    it('apply to any type of event', () => {
      for (const type of ['container', 'volume', 'network', 'secret']) {
        expect(matches({ node: ['w'] }, event({ type, actorId: 'web' })), type).to.be.true;
      }
    });

    it('of length 0 match events without id and name', () => {
      expect(matches({ container: [''] }, event({}))).to.be.true;
      expect(matches({ container: ['a'] }, event({}))).to.be.false;
    });
  });

  describe('labels', () => {
    for (const { values, attributes, expect: expected } of vectorsOf('match-label')) {
      it(`${JSON.stringify(values)} of ${JSON.stringify(attributes)}: ${expected}`, () => {
        expect(matches({ label: values }, event({}, attributes))).to.equal(expected);
      });
    }

    it('may have names that every object has', () => {
      for (const name of ['__proto__', 'constructor', 'toString']) {
        expect(matches({ label: [name] }, event({}, { a: 'b' })), name).to.be.false;
        const attributes = new Map([[name, 'x']]);
        expect(matches({ label: [`${name}=x`] }, { ...event({}), attributes }), name).to.be.true;
      }
    });
  });

  describe('booleans', () => {
    it('count for values that are compared as a whole', () => {
      for (const [key, candidate] of [
        ['type', event({ type: 'x' })],
        ['event', event({ action: 'x' })],
        ['scope', event({ scope: 'x' })],
        ['image', event({ actorId: 'x' })],
      ] as const) {
        expect(matches({ [key]: { x: true } }, candidate), key).to.be.true;
        expect(matches({ [key]: { x: false } }, candidate), key).to.be.false;
      }
    });

    it('do not count elsewhere', () => {
      expect(matches({ container: { we: false } }, event({ actorId: 'web' }))).to.be.true;
      expect(matches({ label: { a: false } }, event({}, { a: 'b' }))).to.be.true;
      const open = { event: { health_status: false, st: false } };
      expect(matches(open, event({ action: 'health_status: healthy' }))).to.be.true;
      expect(matches(open, event({ action: 'start' }))).to.be.true;
      expect(matches(open, event({ action: 'die' }))).to.be.false;
    });
  });

  it('ask for the image of a container, and for the name of an image', () => {
    const filters = { image: ['app'] };
    const reference = 'docker.io/library/app:v2';
    expect(matches(filters, event({}, { image: reference }))).to.be.true;
    expect(matches(filters, event({ type: 'image' }, { name: reference }))).to.be.true;
    expect(matches(filters, event({ type: 'image' }, { image: reference }))).to.be.false;
    expect(matches(filters, event({}, { name: reference }))).to.be.false;
    expect(matches(filters, event({ type: 'image', actorId: 'app@sha256:x' }))).to.be.false;
  });

  it('ignore keys that dockerd does not know', () => {
    for (const key of ['name', 'status', 'builder', 'TYPE', '__proto__', 'constructor']) {
      const filters = parseEventFilters(`{${JSON.stringify(key)}:["nothing"]}`);
      expect(filters.matches(event({})), key).to.be.true;
    }
  });
});
