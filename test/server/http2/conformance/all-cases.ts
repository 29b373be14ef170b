import type { Case } from './case.js';
import { CONNECTION_CASES } from './connection-cases.js';
import { FLOW_CASES } from './flow-cases.js';
import { HPACK_CASES } from './hpack-cases.js';
import { REQUEST_CASES } from './request-cases.js';
import { STREAM_CASES } from './stream-cases.js';

/** The cases of each RFC, by section. */
export const ALL_CASES: Readonly<Record<string, readonly Case[]>> = {
  'RFC 9113': bySection([...CONNECTION_CASES, ...STREAM_CASES, ...FLOW_CASES, ...REQUEST_CASES]),
  'RFC 7541': bySection(HPACK_CASES),
};

function bySection(cases: readonly Case[]): Case[] {
  const collator = new Intl.Collator('en', { numeric: true });
  return [...cases].sort((a, b) => collator.compare(a.section, b.section));
}
