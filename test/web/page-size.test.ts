import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { bundlePage } from '../../scripts/bundle-page.js';

const MAX_SCRIPT_BYTES = 120 * 1024;

describe('the script of the page', () => {
  it('is small enough for a slow line once it is compressed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-page-'));
    await bundlePage(directory);
    const bytes = gzipSync(readFileSync(join(directory, 'page.js'))).length;
    rmSync(directory, { recursive: true });
    expect(bytes).to.be.at.most(MAX_SCRIPT_BYTES);
    // A bundle without the page would be small, too.
    expect(bytes).to.be.at.least(10 * 1024);
  });
});
