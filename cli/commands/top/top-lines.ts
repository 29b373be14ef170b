import type { RunOfContainer } from '../../../client/index.js';
import { hasFailed, type Container } from '../../../protocol/container.js';
import {
  endText,
  imageText,
  nameText,
  runSpanText,
  stateStyle,
  stateText,
} from '../../format/container-text.js';
import { momentText, spanText } from '../../format/moment.js';
import { sizeText } from '../../format/size.js';
import { styled } from '../../format/style.js';
import { TextTable, type Column } from '../../format/table.js';
import { cutText } from '../../format/text-width.js';
import { CONSUMER_COLUMNS } from '../consumers/consumer-text.js';
import { describeTable } from '../describe/description-text.js';
import type { TopSample } from './sample.js';

export const TOP_VIEWS = ['containers', 'exits', 'broker'] as const;
export type TopView = (typeof TOP_VIEWS)[number];

/** How a screen is drawn. */
export interface TopLayout {
  readonly columns: number;
  readonly rows: number;
  readonly isStyled: boolean;
  readonly view: TopView;
  /** Rows of the table that are scrolled away. */
  readonly scrolled: number;
  /** Says that the broker is away; undefined while it answers. */
  readonly trouble: string | undefined;
}

const KEYS = '1 containers  2 exits  3 broker  ↑↓ scroll  q quit';
/** Lines around the table: two of figures, an empty one, the titles, and the keys. */
const OTHER_LINES = 5;
const NANOS_PER_MS = 1_000_000n;

/** A screen of lines that fit; `before` is the sample that rates are measured from. */
export function topLines(
  sample: TopSample,
  before: TopSample | undefined,
  layout: TopLayout,
): string[] {
  const { columns, rows, isStyled, scrolled, trouble } = layout;
  const table = tableLines(sample, layout);
  const [titles = '', ...lines] = table;
  const room = Math.max(0, rows - OTHER_LINES);
  const shown = lines.slice(scrolled, scrolled + room);
  const filled = [...shown, ...Array.from({ length: room - shown.length }, () => '')];
  const figures = [brokerLine(sample, before), countsLine(sample)].map((line) =>
    cutText(line, columns),
  );
  const last = trouble === undefined ? KEYS : cutText(trouble, columns);
  const style = trouble === undefined ? 'dim' : 'red';
  return [...figures, '', titles, ...filled, isStyled ? styled(last, style) : last];
}

/** Rows of the table of a view, for the bounds of scrolling. */
export function topRows(sample: TopSample, view: TopView): number {
  switch (view) {
    case 'containers':
      return sample.containers.length;
    case 'exits':
      return sample.ended.length;
    case 'broker':
      return brokerLines(sample, { width: undefined, isStyled: false }).length - 1;
  }
}

function brokerLine({ time, description }: TopSample, before: TopSample | undefined): string {
  const { entryCount, storedBytes, subscriptionCount, trimmedCount } = description;
  const stored = (sample: TopSample): number =>
    Number(sample.description.entryCount) + Number(sample.description.trimmedCount);
  const seconds = before ? Number((time - before.time) / NANOS_PER_MS) / 1000 : 0;
  const now = Number(entryCount) + Number(trimmedCount);
  const rate = before && seconds > 0 ? Math.max(0, (now - stored(before)) / seconds) : undefined;
  return [
    `${rate === undefined ? '–' : rate.toFixed(rate < 10 ? 1 : 0)} events/s`,
    `${entryCount} kept in ${sizeText(storedBytes)}`,
    `${subscriptionCount} readers`,
    newestText(time, description.last?.storedAt),
  ].join('   ');
}

function newestText(
  now: bigint,
  newest: { readonly seconds: bigint; readonly nanos: number } | undefined,
): string {
  if (newest === undefined) return 'no event yet';
  const time = newest.seconds * 1_000_000_000n + BigInt(newest.nanos);
  return `newest ${spanText(now > time ? now - time : 0n)} ago`;
}

function countsLine({ containers, ended, maybeOutdated }: TopSample): string {
  const running = containers.filter(({ state }) => state === 'running').length;
  const failed = ended.filter(({ run }) => hasFailed(run)).length;
  const outdated = maybeOutdated ? '   a recorder is away: some events may be missing' : '';
  return (
    `${containers.length} containers, ${running} running   ` +
    `last day: ${ended.length} runs ended, ${failed} failed${outdated}`
  );
}

function tableLines(sample: TopSample, { columns, isStyled, view }: TopLayout): string[] {
  const options = { width: columns, isStyled };
  switch (view) {
    case 'containers':
      return new TextTable(containerColumns(sample.time), options).lines(sample.containers);
    case 'exits':
      return new TextTable(runColumns(sample.time), options).lines(sample.ended);
    case 'broker':
      return brokerLines(sample, options).map((line) => cutText(line, columns));
  }
}

/** The history and its limits, then the durable consumers. */
function brokerLines(
  { description, consumers }: TopSample,
  options: { readonly width: number | undefined; readonly isStyled: boolean },
): string[] {
  const facts = describeTable(description).split('\n');
  const titled = ['HISTORY', ...facts, ''];
  if (consumers.length === 0) return [...titled, 'no durable consumers'];
  return [...titled, ...new TextTable(CONSUMER_COLUMNS, options).lines(consumers)];
}

function containerColumns(now: bigint): readonly Column<Container>[] {
  return [
    { title: 'NAME', text: nameText, least: 8 },
    { title: 'IMAGE', text: imageText, least: 5 },
    { title: 'STATE', text: stateText, style: stateStyle, least: 8 },
    {
      title: 'FOR',
      text: ({ run }) => (run === undefined ? '-' : runSpanText(run, now)),
      least: 4,
    },
    { title: 'NAMESPACE', text: ({ namespace }) => namespace, least: 3 },
  ];
}

function runColumns(now: bigint): readonly Column<RunOfContainer>[] {
  return [
    {
      title: 'ENDED',
      text: ({ run: { finishedAt, lastSeen } }) => momentOr(finishedAt ?? lastSeen),
      least: 10,
    },
    { title: 'NAME', text: ({ container }) => nameText(container), least: 8 },
    {
      title: 'END',
      text: ({ run }) => endText(run),
      style: ({ run }) => (hasFailed(run) ? 'red' : 'green'),
      least: 8,
    },
    { title: 'AFTER', text: ({ run }) => runSpanText(run, now), least: 4 },
    { title: 'IMAGE', text: ({ container }) => imageText(container), least: 5 },
  ];
}

function momentOr(time: bigint | undefined): string {
  return time === undefined ? '-' : momentText(time, 'local');
}
