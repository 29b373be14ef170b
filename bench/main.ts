import { join } from 'node:path';
import { choose, listing } from './table/choose.js';
import { rowsBeside } from './rows/beside.js';
import { curves, rows } from './rows/index.js';
import { flushTime } from './support/disk.js';
import { machineLine } from './support/machine.js';
import { missing, versionOf } from './support/installed.js';
import { parseCommandLine, USAGE, type CommandLine } from './table/command-line.js';
import { measureCurve, measureRow, type CurveResult, type RowResult } from './table/in-turn.js';
import { json } from './table/json.js';
import { page } from './table/page.js';
import { writeCurves, writeFile } from './table/write.js';

async function main({ options, only, beside, out, json: jsonFile }: CommandLine): Promise<void> {
  const work =
    beside === undefined
      ? { rows: rows(options), curves: curves(options) }
      : { rows: rowsBeside(options, beside), curves: [] };
  if (only.includes('help')) {
    console.log(listing(work));
    return;
  }
  const chosen = choose(work, only);
  // The commit is read before any result is written, which would make the work tree look changed.
  const machine = machineLine(...peers());
  const date = new Date().toISOString();
  const head = { machine, flush: await flushTime(), date, options, beside };
  const rowResults: RowResult[] = [];
  for (const row of chosen.rows) rowResults.push(await measureRow(row, options.rounds, report));
  const curveResults: CurveResult[] = [];
  for (const curve of chosen.curves) curveResults.push(await measureCurve(curve, report));
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

/** Reports progress on standard error, because standard output is for the table alone. */
function report(line: string): void {
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
