import { expect } from 'chai';
import fc from 'fast-check';
import { parseListFilters, type ListedContainer } from '../../../server/docker/list-filters.js';
import { invalidArgument } from './invalid-argument.js';
import { anyCharacter } from '../../support/any-character.js';
import { runs } from '../../support/property-runs.js';

const WEB: ListedContainer = {
  id: 'b8333c3b8ef2',
  name: 'web-1',
  image: 'docker.io/library/nginx:latest',
  labels: new Map([
    ['env', 'prod'],
    ['flag', ''],
  ]),
  status: 'exited',
  exitCode: 137,
};

function matches(filters: object, container = WEB): boolean {
  return parseListFilters(JSON.stringify(filters)).matches(container);
}

describe('list filters', () => {
  const FOUND: object[] = [
    {},
    { id: ['b8333c3b8ef2'] },
    { id: ['b83'] },
    { id: ['c', 'b'] },
    { name: ['web'] },
    { name: ['eb-'] },
    { name: ['^web-\\d$'] },
    { name: ['/web'] },
    { name: ['^/web-1$'] },
    { name: ['db', 'w.b'] },
    { label: ['env'] },
    { label: ['env=prod', 'flag='] },
    { status: ['running', 'exited'] },
    { exited: ['0', '+137'] },
    { health: ['healthy', 'none'] },
    { ancestor: ['nginx'] },
    { ancestor: ['redis', 'library/nginx:latest'] },
    { ancestor: ['docker.io/nginx'] },
    { name: [], id: [], status: [] },
    { 'is-task': ['false'] },
    { isolation: ['default'] },
    { network: [], volume: [] },
    // The spelling of Go's clients, in which the boolean does not count.
    { name: { web: true }, status: { exited: false } },
    { name: ['web'], label: ['env'], status: ['exited'], exited: ['137'], ancestor: ['nginx'] },
  ];
  for (const filters of FOUND) {
    it(`find it by ${JSON.stringify(filters)}`, () => {
      expect(matches(filters)).to.be.true;
    });
  }

  const NOT_FOUND: object[] = [
    { id: ['8333'] },
    { id: ['web-1'] },
    { name: ['Web'] },
    { name: ['^eb'] },
    { name: ['b83'] },
    { label: ['env=prod', 'env=test'] },
    { label: ['en'] },
    { status: ['running'] },
    { exited: ['1'] },
    { health: ['healthy', 'unhealthy', 'starting'] },
    { ancestor: ['nginx:1.27'] },
    { ancestor: ['ngin'] },
    { name: ['web'], status: ['paused'] },
    { 'is-task': ['true'] },
    { isolation: ['hyperv'] },
    // The list shows none of them.
    { network: ['bridge'] },
    { volume: ['data'] },
    { publish: ['80'] },
    { expose: ['80/tcp'] },
  ];
  for (const filters of NOT_FOUND) {
    it(`do not find it by ${JSON.stringify(filters)}`, () => {
      expect(matches(filters)).to.be.false;
    });
  }

  it('match exit codes only of exited containers', () => {
    expect(matches({ exited: ['137'] }, { ...WEB, status: 'running' })).to.be.false;
    expect(matches({ exited: ['0'] }, { ...WEB, status: 'created', exitCode: undefined })).to.be
      .false;
    // Inspect shows an unreported code as 255.
    expect(matches({ exited: ['0'] }, { ...WEB, exitCode: undefined })).to.be.false;
    expect(matches({ exited: ['255'] }, { ...WEB, exitCode: undefined })).to.be.true;
  });

  it('include stopped containers only with a status', () => {
    const includesStopped = (text: string): boolean => parseListFilters(text).includesStopped;
    expect(includesStopped('{"status":["created"]}')).to.be.true;
    expect(includesStopped('{"status":[],"exited":["0"],"name":["web"]}')).to.be.false;
  });

  // dockerd finds nothing for an invalid pattern. A list that is empty without a reason helps no
  // client.
  const REFUSED: [text: string, message: string][] = [
    ['{"bogus":["x"]}', "invalid filter 'bogus'"],
    ['{"bogus":[]}', "invalid filter 'bogus'"],
    ['{"__proto__":["x"]}', "invalid filter '__proto__'"],
    ['{"health":["well"]}', "invalid filter 'health=well'"],
    ['{"is-task":["maybe"]}', "invalid filter 'is-task=maybe'"],
    ['{"status":["exited","gone"]}', "invalid filter 'status=gone'"],
    ['{"exited":["0","x"]}', "invalid filter 'exited=x'"],
    ['{"exited":[""]}', "invalid filter 'exited='"],
    ['{"exited":["1.5"]}', "invalid filter 'exited=1.5'"],
    ['{"name":["["]}', "invalid filter 'name=[': error parsing regexp: missing closing ]: `[`"],
    [
      '{"name":["(?=a)"]}',
      "invalid filter 'name=(?=a)': error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
    ],
    ['{"name":"web"}', 'invalid filter'],
  ];
  for (const [text, message] of REFUSED) {
    it(`refuse ${text}`, () => {
      expect(invalidArgument(() => parseListFilters(text))).to.equal(message);
    });
  }

  it('refuse patterns that would be too large', () => {
    const filters = JSON.stringify({ name: ['x{1000}{1000}'] });
    expect(invalidArgument(() => parseListFilters(filters))).to.match(
      /^invalid filter 'name=x\{1000\}\{1000\}': pattern needs \d+ instructions, the limit is \d+$/,
    );
  });

  it('read or refuse any text', () => {
    const value = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.constantFrom('1', '(', 'exited', 'a='),
    );
    const key = fc.constantFrom('id', 'name', 'label', 'status', 'exited', 'ancestor');
    const filters = fc.dictionary(key, fc.array(value));
    fc.assert(
      fc.property(filters, (given) => {
        const text = JSON.stringify(given);
        const message = invalidArgument(() => parseListFilters(text));
        if (message !== undefined) expect(message).to.match(/^invalid filter '/);
        else expect(parseListFilters(text).matches(WEB)).to.be.a('boolean');
      }),
      runs(500),
    );
  });
});
