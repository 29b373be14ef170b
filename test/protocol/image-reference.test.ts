import { expect } from 'chai';
import fc from 'fast-check';
import { familiarName, withoutTag, withTag } from '../../protocol/image-reference.js';
import { vectorsOf } from '../server/docker/docker-vectors.js';
import { runs } from '../support/property-runs.js';

const HEX = 'c'.repeat(64);

describe('image references', () => {
  for (const { in: reference, expect: name } of vectorsOf('image-strip')) {
    it(`${reference} is ${name} without its tag`, () => {
      expect(withoutTag(reference)).to.equal(name);
    });
  }

  /** The familiar name, and how many of its last characters are tag and digest. */
  const FAMILIAR: [reference: string, name: string, version: string][] = [
    ['busybox', 'busybox', ''],
    ['docker.io/library/busybox:latest', 'busybox', ':latest'],
    ['index.docker.io/busybox:1.36', 'busybox', ':1.36'],
    ['library/busybox', 'busybox', ''],
    ['library/distros/ubuntu', 'library/distros/ubuntu', ''],
    ['team/app:v2', 'team/app', ':v2'],
    [`docker.io/team/app@sha256:${HEX}`, 'team/app', `@sha256:${HEX}`],
    [`app:v2@sha256:${HEX}`, 'app', `:v2@sha256:${HEX}`],
    ['localhost/app:v2', 'localhost/app', ':v2'],
    ['localhost:5000/app', 'localhost:5000/app', ''],
    ['registry.example.com/app', 'registry.example.com/app', ''],
    ['Registry/app:1', 'Registry/app', ':1'],
    ['[2001:db8::1]:5000/app:1', '[2001:db8::1]:5000/app', ':1'],
    ['docker.io:443/library/app', 'docker.io:443/library/app', ''],
    // Neither a host nor a port, so a name and a tag.
    ['example.com', 'example.com', ''],
    ['localhost:5000', 'localhost', ':5000'],
    ['a.b_c__d--e/f', 'a.b_c__d--e/f', ''],
    ['foo_bar.baz/x', 'foo_bar.baz/x', ''],
    [`app:${'t'.repeat(128)}`, 'app', `:${'t'.repeat(128)}`],
    [`sha256:${HEX}`, 'sha256', `:${HEX}`],
  ];
  for (const [reference, name, version] of FAMILIAR) {
    it(`${reference.slice(0, 40)} is known as ${name}${version.slice(0, 20)}`, () => {
      expect(familiarName(reference)).to.equal(name + version);
      expect(withoutTag(reference)).to.equal(name);
      expect(withTag(reference)).to.equal(name + (version === '' ? ':latest' : version));
    });
  }

  for (const reference of [
    '',
    HEX,
    'Busybox:latest',
    'team/App',
    'app:',
    'app:-x',
    `app:${'t'.repeat(129)}`,
    'app@sha256:abc',
    'app@latest',
    'a..b',
    'a___b',
    '-app',
    'app-',
    'a//b',
    '/app',
    'app/',
    'docker.io/',
    'app name',
    'app\n',
    'a'.repeat(256),
    'größe',
  ]) {
    it(`${JSON.stringify(reference.slice(0, 40))} is not a reference and stays unchanged`, () => {
      expect(familiarName(reference)).to.equal(reference);
      expect(withoutTag(reference)).to.equal(reference);
      expect(withTag(reference)).to.equal(reference);
    });
  }

  it('stay the same when they are familiar already', () => {
    const pieces = fc.constantFrom(
      'docker.io',
      'library',
      'localhost',
      'a',
      'A',
      '.',
      ':',
      '/',
      '@',
    );
    const references = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(references, (reference) => {
        const familiar = familiarName(reference);
        expect(familiarName(familiar)).to.equal(familiar);
        expect(withoutTag(familiar)).to.equal(withoutTag(reference));
      }),
      runs(1000),
    );
  });
});
