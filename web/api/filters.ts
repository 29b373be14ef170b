import { problemOf } from './problem.js';

/** The fault of a filter; the column counts characters from 0. */
export interface FilterFault {
  readonly message: string;
  readonly column?: number;
}

/** A time that no event has, so that the broker reads none to check a filter. */
const AFTER_ALL_EVENTS = '2200-01-01T00:00:00Z';

/** Asks the broker whether a filter is right; undefined if it is. */
export async function checkFilter(
  filter: string,
  signal: AbortSignal,
): Promise<FilterFault | undefined> {
  if (filter === '') return undefined;
  const query = new URLSearchParams({ filter, since: AFTER_ALL_EVENTS, follow: 'false' });
  const answer = await fetch(`/v1/events?${query.toString()}`, {
    signal,
    headers: { accept: 'application/json' },
  });
  if (answer.status !== 400) return undefined;
  const message = await problemOf(answer);
  const column = columnOf(message);
  return { message: shortened(message), ...(column !== undefined && { column }) };
}

/** The filter language marks the faulty character: `[… >|x|< …]`. */
const MARKED = /\[(.*?) >\|[\s\S]{0,2}\|< .*?\]: /;
/** The end of the filter is the fault: nothing is marked. */
const AT_END = /parse error: \[([^\]]*)\]: /;

function columnOf(message: string): number | undefined {
  return (MARKED.exec(message) ?? AT_END.exec(message))?.[1]?.length;
}

function shortened(message: string): string {
  return message.replace(/^.*?(?:parse error: \[[\s\S]*?\]: )/, '');
}
