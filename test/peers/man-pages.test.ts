import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { Child } from '../support/processes/child.js';
import { findInstalled } from './installed.js';

const PAGES = resolve(import.meta.dirname, '../../docs/man');

describe('the manual pages', () => {
  let pages: string[];

  before(async () => {
    await findInstalled(['mandoc', 'groff']);
    pages = (await readdir(PAGES)).map((name) => join(PAGES, name));
    expect(pages).to.include(join(PAGES, 'foghorn-events.1'));
  });

  it('are free of warnings of mandoc', async () => {
    const lint = new Child('mandoc', ['-T', 'lint', '-W', 'warning', ...pages]);
    expect((await lint.exited).code, lint.stdout.join('\n')).to.equal(0);
  });

  it('are free of warnings of groff, at 80 and at 160 columns', async () => {
    for (const columns of ['80', '160']) {
      const flags = ['-man', '-ww', '-z', '-Tutf8', `-rLL=${columns}n`];
      const groff = new Child('groff', [...flags, ...pages]);
      expect((await groff.exited).code).to.equal(0);
      expect(groff.stderr).to.deep.equal([]);
    }
  });
});
