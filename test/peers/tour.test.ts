import { readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { builtMain } from '../support/processes/build.js';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { FrontedEngine } from './fronted-engine.js';

const PAGE = new URL('../../docs/tour.md', import.meta.url);

/** With this variable, the page gets the outputs instead of being compared with them. */
const WRITE = process.env.FOGHORN_WRITE_TOUR === '1';

/** A block of the page with a command and its output. */
const QUESTION = /```console\n\$ (.*)\n([^]*?)```/g;

/** Parts that differ each time: times, ids, cursors, and how long something took. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'],
  [/(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(?:\.\d+)?/g, 'TIME'],
  [/\b[0-9a-f]{12}(?:[0-9a-f]{52})?\b/g, 'ID'],
  [/\b[\w-]{26}(?![\w-])/g, 'CURSOR'],
  [/\b(?:\d+ [dhm] )?\d+(?:\.\d+)? m?s\b/g, 'SPAN'],
  [/ +/g, ' '],
];

function plain(output: string): string {
  return VARIABLE.reduce((text, [pattern, name]) => text.replace(pattern, name), output);
}

/** Asks the questions of docs/tour.md of a real engine and containerd. */
describe('the tour', () => {
  const cleanup = new Cleanup();
  let page = readFileSync(PAGE, 'utf8');
  let engine: FrontedEngine;
  let tenOClock: string;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    engine = await FrontedEngine.start(cleanup);
    env = await environment();
    await prepare();
  });
  after(async () => {
    await cleanup.run();
    if (WRITE) await writeFile(PAGE, page);
  });

  /** The environment of a person at a terminal, for whom `foghorn` is on the path. */
  async function environment(): Promise<NodeJS.ProcessEnv> {
    const bin = engine.broker.file('bin');
    await mkdir(bin);
    const script = `#!/bin/sh\nexec ${process.execPath} ${await builtMain()} "$@"\n`;
    await writeFile(`${bin}/foghorn`, script);
    await chmod(`${bin}/foghorn`, 0o755);
    return {
      ...engine.env('foghorn'),
      PATH: `${bin}:${process.env.PATH ?? ''}`,
      FOGHORN_ADDRESS: engine.broker.address,
      TZ: 'UTC',
      NO_COLOR: '1',
    };
  }

  /** Runs the commands that the page says came before. */
  async function prepare(): Promise<void> {
    const [, setup = ''] = /```sh setup\n([^]*?)```/.exec(page) ?? [];
    const [before = '', after = ''] = setup.split('# 10:00\n');
    await shell(before).succeeded();
    tenOClock = new Date().toISOString();
    // Times have milliseconds here.
    await delay(10);
    expect(await engine.containerd.run('report', 'sleep 1; exit 9')).to.equal(9);
    await shell(after).exited;
    await eventually(async () => {
      const { stdout } = await shell('foghorn exits --format json').succeeded();
      return stdout.length === 4;
    });
  }

  function shell(script: string): Child {
    return new Child('bash', ['-c', script], { env });
  }

  /** The output on a terminal of 110 columns. */
  async function ask(command: string): Promise<string> {
    const typed = command.replaceAll('10:00', `"${tenOClock}"`);
    const terminal = ['--quiet', '--command', `stty cols 110; ${typed}`, '/dev/null'];
    const child = new Child('script', terminal, { env });
    await child.exited;
    return child.stdout.map((line) => `${line.trimEnd()}\n`).join('');
  }

  for (const [block, command = '', shown = ''] of page.matchAll(QUESTION)) {
    it(`answers ${command}`, async () => {
      const output = await ask(command);
      if (WRITE) page = page.replace(block, () => `\`\`\`console\n$ ${command}\n${output}\`\`\``);
      else expect(plain(output)).to.equal(plain(shown));
    });
  }
});
