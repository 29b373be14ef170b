import { expect } from 'chai';
import {
  hasPlainErrors,
  isOlder,
  negotiatedVersion,
  splitApiPath,
} from '../../../server/docker/api-version.js';
import { vectorsOf } from './docker-vectors.js';
import { invalidArgument } from './invalid-argument.js';

describe('API versions', () => {
  for (const vector of vectorsOf('api-version')) {
    const { min, max, requested, effective, message } = vector;
    it(`${requested || 'none'} of ${min} to ${max}: ${effective ?? message}`, () => {
      const { version } = splitApiPath(requested === '' ? '/events' : `/v${requested}/events`);
      const negotiate = (): string => negotiatedVersion(version, { min, max });
      expect(invalidArgument(negotiate)).to.equal(message);
      if (message === undefined) expect(negotiate()).to.equal(effective);
      expect(hasPlainErrors(version)).to.equal(
        vector.content_type?.startsWith('text/plain') ?? false,
      );
    });
  }

  it('that are too new are refused with the newest one', () => {
    const supported = { min: '1.24', max: '1.51' };
    for (const version of ['1.52', '1.100', '2', '1.51.1', '99999999999999999999.0']) {
      expect(invalidArgument(() => negotiatedVersion(version, supported))).to.equal(
        `client version ${version} is too new. Maximum supported API version is 1.51`,
      );
      expect(hasPlainErrors(version)).to.be.false;
    }
  });

  const SPLIT: [path: string, version: string | undefined, rest: string][] = [
    ['/events', undefined, '/events'],
    ['/v1.41/events', '1.41', '/events'],
    ['/v1.41/containers/v1.2/json', '1.41', '/containers/v1.2/json'],
    ['/v1.41//events', '1.41', '//events'],
    ['/v1.41/', '1.41', '/'],
    ['/v1..24/events', '1..24', '/events'],
    ['/v./events', '.', '/events'],
    ['/v1.41/a\nb', '1.41', '/a\nb'],
    // None of these paths exists.
    ['/v1.41', undefined, '/v1.41'],
    ['/v/events', undefined, '/v/events'],
    ['/vfoo/events', undefined, '/vfoo/events'],
    ['/v1.41-rc/events', undefined, '/v1.41-rc/events'],
    ['/V1.41/events', undefined, '/V1.41/events'],
    ['/x/v1.41/events', undefined, '/x/v1.41/events'],
    ['', undefined, ''],
    ['/version', undefined, '/version'],
  ];
  for (const [path, version, rest] of SPLIT) {
    it(`${JSON.stringify(path)} is ${rest} of ${version ?? 'any version'}`, () => {
      expect(splitApiPath(path)).to.deep.equal({ version, path: rest });
    });
  }

  it('are compared number by number', () => {
    const sorted = ['.', '1', '1.9', '1.24', '1.24.1', '1.100', '2.0', '10'];
    for (const [i, a] of sorted.entries()) {
      for (const [j, b] of sorted.entries()) {
        expect(isOlder(a, b), `${a} ${b}`).to.equal(i < j);
      }
    }
    for (const [a, b] of [
      ['1', '1.0'],
      ['1.24', '1.24.0'],
      ['1..1', '1.0.1'],
      ['01.024', '1.24'],
    ] as const) {
      expect(isOlder(a, b) || isOlder(b, a), `${a} ${b}`).to.be.false;
    }
  });
});
