/*
 * Writes docs/man/ anew: one page for the program and one for each of its commands, from the
 * definitions that `--help` shows.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { buildProgram } from '../cli/program.js';
import type { Terminal } from '../cli/terminal.js';
import { manPages } from './man-pages/page.js';

const DIRECTORY = resolve(import.meta.dirname, '../docs/man');

/** The surroundings of root, whose defaults the pages give. */
const TERMINAL: Terminal = {
  stdin: Readable.from([]),
  stdout: new Writable(),
  stderr: new Writable(),
  surroundings: { uid: 0, home: '/root', directory: '/', temp: '/tmp', env: {} },
  interrupted: () => new AbortController().signal,
  onSignals() {},
};

rmSync(DIRECTORY, { recursive: true, force: true });
mkdirSync(DIRECTORY, { recursive: true });
for (const { name, text } of manPages(await buildProgram(TERMINAL, { exitCode: 0 }))) {
  writeFileSync(join(DIRECTORY, `${name}.1`), text);
}
