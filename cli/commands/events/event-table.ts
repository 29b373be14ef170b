import { shortId } from '../../format/container-text.js';
import { momentCell, type Zone } from '../../format/moment.js';
import { TextTable, type Column } from '../../format/table.js';
import type { ReadableEvent } from './readable-event.js';

export interface EventTableOptions {
  readonly zone: Zone;
  /** Columns of the terminal; undefined if lines may have any length. */
  readonly width: number | undefined;
  readonly isStyled: boolean;
  /** Shows all entries, and whole ids. */
  readonly isWide: boolean;
}

/** The table of events for people. */
export function eventTable(options: EventTableOptions): TextTable<ReadableEvent> {
  const { zone, width, isWide } = options;
  const columns: Column<ReadableEvent>[] = [
    {
      title: 'TIME',
      style: () => 'dim',
      text: ({ time }) => momentCell(time, zone, width),
    },
    { title: 'NAMESPACE', text: ({ namespace }) => namespace, least: 7 },
    {
      title: 'NAME',
      text: ({ name }) => (isWide ? name : shortId(name)),
      style: () => 'cyan',
      least: 12,
      initial: 14,
    },
    {
      title: 'WHAT',
      text: ({ what }) => what,
      style: ({ outcome }) =>
        outcome === 'none' ? undefined : outcome === 'bad' ? 'red' : 'green',
      least: 20,
      initial: 22,
    },
    { title: 'IMAGE', text: ({ image }) => image, least: 8 },
  ];
  if (isWide) {
    columns.push(
      { title: 'ID', text: ({ id }) => id },
      { title: 'TOPIC', text: ({ topic }) => topic },
    );
  }
  return new TextTable(columns, options);
}
