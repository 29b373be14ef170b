import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerLine, HistoryLine, WaiterLine } from './lines.js';
import { readRecord } from './record-reader.js';
import type { Recorded } from './record-reader.js';
import { BROKER_FILE, historyFile, LAST_WAITS_FILE } from './round-files.js';
import type { ClientKind } from './round-files.js';
import type { Records } from './records.js';

/** Reads the records of a round from its directory. */
export function loadRecords(directory: string): Records {
  const broker = readRecord<BrokerLine>(join(directory, BROKER_FILE));
  const lineages = broker.filter(({ kind }) => kind === 'lineage').length;
  return {
    broker,
    histories: Array.from({ length: lineages }, (_, lineage) =>
      readRecord<HistoryLine>(join(directory, historyFile(lineage))),
    ),
    publishers: recordsOf(directory, 'publisher'),
    readers: recordsOf(directory, 'reader'),
    crowd: recordsOf(directory, 'crowd'),
    waiters: recordsOf(directory, 'waiter'),
    lastWaits: readRecord<WaiterLine>(join(directory, LAST_WAITS_FILE)),
  };
}

function recordsOf<Line>(directory: string, kind: ClientKind): Map<string, Recorded<Line>[]> {
  const files = readdirSync(directory).filter((name) => name.startsWith(`${kind}-`));
  return new Map(files.map((name) => [name, readRecord<Line>(join(directory, name))]));
}
