type Labels = Readonly<Record<string, string>>;

interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** The metrics of one scrape. */
export class ScrapedMetrics {
  readonly #series: readonly Series[];

  constructor(readonly text: string) {
    this.#series = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map(parseSeries);
  }

  /** The value of a series; undefined if there is none. */
  value(name: string, labels: Labels = {}): number | undefined {
    return this.#series.find(
      (series) =>
        series.name === name &&
        Object.entries(labels).every(([label, value]) => series.labels[label] === value),
    )?.value;
  }

  series(name: string): number {
    return this.#series.filter((series) => series.name === name).length;
  }

  sum(name: string): number {
    const found = this.#series.filter((series) => series.name === name);
    return found.reduce((sum, { value }) => sum + value, 0);
  }
}

/** @param origin `http://host:port` of a broker */
export async function scrapeMetrics(origin: string): Promise<ScrapedMetrics> {
  const answer = await fetch(`${origin}/metrics`);
  if (answer.status !== 200) throw new Error(`expected metrics, got ${await answer.text()}`);
  return new ScrapedMetrics(await answer.text());
}

function parseSeries(line: string): Series {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label, text]) => [label!, text!])),
    value: Number(value),
  };
}
