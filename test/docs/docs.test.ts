import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, normalize } from 'node:path';
import { expect } from 'chai';
import { Contexts } from '../../cli/connection/contexts.js';
import { testTerminal } from '../cli/test-terminal.js';
import { parseFoghorn } from '../deploy/foghorn-command.js';
import {
  anchors,
  linkTargets,
  markdownFiles,
  proseLines,
  readText,
  ROOT,
  shellLines,
  shellWords,
  trackedFiles,
} from './markdown.js';

const MAX_COLUMNS = 100;
const MAX_README_LINES = 120;

/** The reason why a relative link leads nowhere; undefined for a good or an external one. */
function brokenLink(path: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  const linked = file === '' ? path : normalize(join(dirname(path), file));
  if (!existsSync(join(ROOT, linked))) return `${path}: ${target}`;
  if (anchor === undefined || anchors(readText(linked)).includes(anchor)) return undefined;
  return `${path}: no heading for ${target}`;
}

/** A line of prose that could be broken: tables and single long words cannot. */
function isTooLong(line: string): boolean {
  return line.length > MAX_COLUMNS && !line.startsWith('|') && !/^\S+( \S+)?$/.test(line);
}

describe('the documentation', () => {
  const files = markdownFiles();

  it('has only relative links that resolve', () => {
    const broken = files.flatMap((path) =>
      linkTargets(readText(path)).flatMap((target) => brokenLink(path, target) ?? []),
    );
    expect(broken).to.deep.equal([]);
  });

  it(`is wrapped at ${MAX_COLUMNS} columns`, () => {
    const long = files.flatMap((path) =>
      proseLines(readText(path))
        .filter(isTooLong)
        .map((line) => `${path}: ${line}`),
    );
    expect(long).to.deep.equal([]);
  });

  it(`has a README of at most ${MAX_README_LINES} lines`, () => {
    expect(readText('README.md').trimEnd().split('\n')).to.have.length.at.most(MAX_README_LINES);
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: object };
    // The changelog names scripts of earlier versions too.
    const current = files.filter((path) => path !== 'CHANGELOG.md');
    const named = current.flatMap((path) =>
      [...readText(path).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!),
    );
    expect(named.filter((script) => !(script in scripts))).to.deep.equal([]);
  });

  for (const path of ['ARCHITECTURE.md', 'CONTRIBUTING.md']) {
    it(`names only files and folders in ${path} that exist`, () => {
      const text = readText(path);
      const paths = [...text.matchAll(/`([\w.-]+\/[\w.-][\w./-]*)`/g)].map(([, each]) => each!);
      const files = [...text.matchAll(/`([\w-]+\.(?:ts|lua))`/g)].map(([, each]) => each!);
      expect(paths).to.not.be.empty;
      const isKnown = (each: string) =>
        existsSync(join(ROOT, each)) || existsSync(join(ROOT, 'server', each));
      expect(paths.filter((each) => !isKnown(each))).to.deep.equal([]);
      const basenames = new Set(trackedFiles().map((each) => basename(each)));
      expect(files.filter((each) => !basenames.has(each))).to.deep.equal([]);
    });
  }

  // The documentation names a context that its reader has added.
  let home: string;
  before(() => {
    home = mkdtempSync(join(tmpdir(), 'foghorn-docs-'));
    new Contexts({ ...testTerminal().surroundings, home }).set('lab', { address: 'lab:7877' });
  });
  after(() => {
    rmSync(home, { recursive: true });
  });

  for (const path of ['README.md', ...files.filter((each) => /^docs\/[^/]+$/.test(each))]) {
    for (const line of shellLines(readText(path))) {
      const [program, ...args] = shellWords(line);
      if (program !== 'foghorn') continue;
      it(`shows a command in ${path} that Foghorn accepts: ${line.slice(0, 60)}`, async () => {
        expect((await parseFoghorn(args, home)).name).to.be.a('string');
      });
    }
  }
});
