import { join } from 'node:path';
import { choose, listing } from './table/choose.js';
import { curves, rows } from './rows/index.js';
import { flushTime } from './support/disk.js';
import { machineLine } from './support/machine.js';
import { missing, versionOf } from './support/installed.js';
import { parseCommandLine, USAGE, type CommandLine } from './table/command-line.js';
import { measureCurve, measureRow, type CurveResult, type RowResult } from './table/in-turn.js';
import { json } from './table/json.js';
import { page } from './table/page.js';
import { writeCurves, writeFile } from './table/write.js';

async function main({ options, only, out, json: jsonFile }: CommandLine): Promise<void> {
  const work = { rows: rows(options), curves: curves(options) };
  if (only.includes('help')) {
    console.log(listing(work));
    return;
  }
  const chosen = choose(work, only);
  // Before anything is written that makes the working tree look changed.
  const machine = machineLine(...peers());
  const head = { machine, flush: await flushTime(), date: new Date().toISOString(), options };
  const rowResults: RowResult[] = [];
  for (const row of chosen.rows) rowResults.push(await measureRow(row, options.rounds, tell));
  const curveResults: CurveResult[] = [];
  for (const curve of chosen.curves) curveResults.push(await measureCurve(curve, tell));
  const figures = { ...head, ...json(rowResults, curveResults) };
  if (jsonFile !== undefined) writeFile(jsonFile, `${JSON.stringify(figures, undefined, 2)}\n`);
  const text = page(head, rowResults, curveResults);
  if (out !== undefined) {
    writeFile(join(out, 'table.md'), text);
    writeCurves(out, curveResults);
  }
  console.log(text);
  if ([...rowResults, ...curveResults].some(hasFailed)) process.exitCode = 1;
}

function hasFailed({ outcomes }: RowResult | CurveResult): boolean {
  return outcomes.some(({ failure }) => failure !== undefined);
}

function peers(): string[] {
  const names = ['containerd', 'nats-server', 'redis-server', 'h2load'] as const;
  return names.map((name) =>
    missing(name) === undefined ? `${name} ${versionOf(name)}` : `${name} missing`,
  );
}

/** How far it is: the table is for standard output alone. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine) await main(commandLine);
  else console.log(USAGE);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
