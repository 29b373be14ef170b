import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { format } from 'prettier';
import { METRICS } from '../../server/metrics/catalog.js';
import { ROOT } from './markdown.js';

const FILE = join(ROOT, 'docs/metrics.md');
const BEGIN =
  '<!-- Made from server/metrics/catalog.ts: UPDATE_DOCS=1 npx mocha test/docs/metrics.test.ts -->';

/** The table of all metrics, as docs/metrics.md has it. */
function table(): Promise<string> {
  const rows = METRICS.map(({ name, type, help, labels = [] }) => {
    const named = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${named} | ${help} |`;
  });
  const all = ['| metric | type | labels | meaning |', '| --- | --- | --- | --- |', ...rows];
  return format(all.join('\n'), { parser: 'markdown' });
}

describe('docs/metrics.md', () => {
  it('lists every metric as the catalog declares it', async () => {
    const text = readFileSync(FILE, 'utf8');
    const [head, rest = ''] = text.split(BEGIN);
    const after = rest.slice(rest.indexOf('\n\n## '));
    const expected = `${head}${BEGIN}\n\n${(await table()).trimEnd()}${after}`;
    if (process.env.UPDATE_DOCS !== undefined) writeFileSync(FILE, expected);
    else expect(text).to.equal(expected);
  });

  it('is about names that follow the conventions of Prometheus', () => {
    for (const { name, type } of METRICS) {
      expect(name).to.match(/^foghorn_[a-z_]+$/);
      expect(name.endsWith('_total'), name).to.equal(type === 'counter');
    }
    expect(new Set(METRICS.map(({ name }) => name)).size).to.equal(METRICS.length);
  });
});
