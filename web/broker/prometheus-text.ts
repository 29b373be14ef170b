/** One scrape: samples by name, in the order of their lines. */
export type Scrape = ReadonlyMap<string, readonly Sample[]>;

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)",?/g;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n' };

/** Parses Prometheus' text format, as far as a broker writes it. */
export function parsePrometheus(text: string): Scrape {
  const scrape = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const [, name, labels, value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const sample = { labels: parseLabels(labels ?? ''), value: parseValue(value) };
    const samples = scrape.get(name);
    if (samples) samples.push(sample);
    else scrape.set(name, [sample]);
  }
  return scrape;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(LABEL)) {
    labels[name] = value.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char);
  }
  return labels;
}

function parseValue(text: string): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}

/** Sum of a metric's samples; undefined if there is none. */
export function sum(
  scrape: Scrape,
  name: string,
  fits: (labels: Sample['labels']) => boolean = () => true,
): number | undefined {
  const samples = scrape.get(name)?.filter(({ labels }) => fits(labels));
  if (samples === undefined || samples.length === 0) return undefined;
  return samples.reduce((total, { value }) => total + value, 0);
}

/**
 * A quantile of what a histogram counted between two scrapes, by linear interpolation in its bucket
 * as Prometheus does it; undefined if nothing was counted.
 */
export function quantile(
  before: Scrape | undefined,
  after: Scrape,
  name: string,
  share: number,
): number | undefined {
  const buckets = differences(before, after, `${name}_bucket`);
  const total = buckets.at(-1)?.count ?? 0;
  if (total <= 0) return undefined;
  const rank = total * share;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const { bound, count } = buckets[index] ?? { bound: Infinity, count: 0 };
  const lower = buckets[index - 1] ?? { bound: 0, count: 0 };
  if (bound === Infinity) return lower.bound;
  return lower.bound + ((rank - lower.count) / (count - lower.count)) * (bound - lower.bound);
}

/** Counts by upper bound, ascending. */
function differences(
  before: Scrape | undefined,
  after: Scrape,
  name: string,
): { bound: number; count: number }[] {
  const counts = new Map<number, number>();
  const add = (scrape: Scrape | undefined, sign: number): void => {
    for (const { labels, value } of scrape?.get(name) ?? []) {
      const bound = parseValue(labels.le ?? '+Inf');
      counts.set(bound, (counts.get(bound) ?? 0) + sign * value);
    }
  };
  add(after, 1);
  add(before, -1);
  return [...counts].map(([bound, count]) => ({ bound, count })).sort((a, b) => a.bound - b.bound);
}
