import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'chai';

const ROOT = resolve(import.meta.dirname, '..');
const MAX_COLUMNS = 100;

/** A comment's first line, or a line of its own: `//`, `/*`, ` *`, and `--` in Lua. */
const COMMENT = /^\s*(?:\/\/|\/\*\*?|\*|--)(?: |$)/;
/**
 * Openings of sentences without a subject; a comment starts with a noun or a verb. The text of a
 * block comment may start behind its opening or on the next line.
 */
const ODD_OPENING = /^\s*(?:\/\/|\/\*\*?(?:\n\s*\*)?|--) ?(?:What|Of|Whoever|Where|Whose)\b/;

function* commentLines(): Generator<{
  readonly location: string;
  readonly line: string;
  readonly text: string;
}> {
  const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.lua', '*.proto'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of files.split('\n')) {
    if (file === '' || file.startsWith('protos/gen/')) continue;
    const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      if (!COMMENT.test(line)) continue;
      const text = [line, lines[index + 1] ?? ''].join('\n');
      yield { location: `${file}:${index + 1}`, line, text };
    }
  }
}

describe('comments', () => {
  it(`are wrapped at ${MAX_COLUMNS} columns`, () => {
    const long = [...commentLines()].filter(({ line }) => line.length > MAX_COLUMNS);
    expect(long.map(({ location }) => location)).to.deep.equal([]);
  });

  it('start with a noun or a verb', () => {
    const odd = [...commentLines()].filter(({ text }) => ODD_OPENING.test(text));
    expect(odd.map(({ location }) => location)).to.deep.equal([]);
  });
});
