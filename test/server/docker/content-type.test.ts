import { expect } from 'chai';
import { eventStreamFormat, matchAccept } from '../../../server/docker/content-type.js';
import { vectorsOf } from './docker-vectors.js';

const SEQ = 'application/json-seq';

describe('content types', () => {
  describe('that Accept names', () => {
    for (const { accept, offers, expect: best } of vectorsOf('accept')) {
      it(`"${accept}" of ${offers.join(', ')}: ${best === '' ? 'none' : best}`, () => {
        expect(matchAccept(accept, offers)).to.equal(best === '' ? undefined : best);
      });
    }

    const MORE: [accept: string | undefined, best: string | undefined][] = [
      [undefined, undefined],
      ['', undefined],
      ['b;q=0', undefined],
      ['b;q=0.0', undefined],
      ['a;q=0.5, b;q=0.9', 'b'],
      ['b;q=0.3, a;q=0.5, b;q=0.9', 'b'],
      ['b;q=0.9,b;q=0,a;q=0.5', 'b'],
      ['\tb ; q=0.5 ,c', 'b'],
      ['c,,b', 'b'],
      ['B', undefined],
      ['bb', undefined],
      ['b;q=2', undefined],
      ['b;q=', undefined],
      ['b;q=x, a;q=0.1', 'a'],
      ['b;charset=utf-8, a;q=0.1', 'a'],
    ];
    for (const [accept, best] of MORE) {
      it(`${JSON.stringify(accept)} of a, b: ${best}`, () => {
        expect(matchAccept(accept, ['a', 'b'])).to.equal(best);
      });
    }
  });

  describe('of events', () => {
    for (const { api, accept, expect: contentType, framing } of vectorsOf('events-content-type')) {
      it(`at ${api} for "${accept}": ${contentType}`, () => {
        expect(eventStreamFormat(api, accept)).to.deep.equal({ contentType, framing });
      });
    }

    it('follow Accept in any version', () => {
      for (const version of ['1.24', '1.51', '1.52']) {
        const format = eventStreamFormat(version, `${SEQ}, application/x-ndjson;q=0.9`);
        expect(format).to.deep.equal({ contentType: SEQ, framing: 'json-seq' });
      }
    });

    it('are JSON for a client without Accept, until 1.52', () => {
      expect(eventStreamFormat('1.9', undefined).contentType).to.equal('application/json');
      expect(eventStreamFormat('1.100', undefined).contentType).to.equal('application/jsonl');
    });
  });
});
