import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** Paths of all files that git knows or would add, and that exist. */
export function trackedFiles(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  return listed.filter((path) => existsSync(join(ROOT, path)));
}

/** Paths of all Markdown files, except results of the bench. */
export function markdownFiles(): string[] {
  return trackedFiles().filter(
    (path) => path.endsWith('.md') && !path.startsWith('bench/results/'),
  );
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Lines outside fenced code. */
export function proseLines(text: string): string[] {
  return text.replace(/^```.*?^```$/gms, '').split('\n');
}

/** Targets of links and images outside fenced code. */
export function linkTargets(text: string): string[] {
  const prose = proseLines(text).join('\n');
  const targets = prose.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)/gm);
  return [...targets].map(([, inline, defined]) => (inline ?? defined)!);
}

/** Lines of fenced shell code, without comments. */
export function shellLines(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code]) => code!);
  return blocks
    .join('')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)# .*$/, '').trim())
    .filter((line) => line !== '');
}

/** Splits a simple command into words; quotes group, nothing is expanded. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) =>
      String(single ?? double),
    ),
  );
}

/** GitHub's anchors of a text's headings. */
export function anchors(text: string): string[] {
  return proseLines(text).flatMap((line) => {
    const heading = /^#+ (.*)$/.exec(line)?.[1];
    if (heading === undefined) return [];
    return heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  });
}
