import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { format, resolveConfig } from 'prettier';
import { ALL_CASES } from './all-cases.js';
import { listing } from './listing.js';

const PAGE = resolve(import.meta.dirname, '../../../../docs/http2-conformance.md');

describe('list of conformance tests', () => {
  it('has at least 150 cases, each with a name of its own', () => {
    const names = Object.values(ALL_CASES)
      .flat()
      .map(({ section, title }) => `${section} ${title}`);
    expect(names.length).to.be.at.least(150);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('is what docs/http2-conformance.md says', async () => {
    const config = await resolveConfig(PAGE);
    const page = await format(listing(ALL_CASES), { ...config, filepath: PAGE });
    if (process.env.UPDATE_LISTING === '1') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).to.equal(page);
  });
});
