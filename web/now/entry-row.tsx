import { formatTime } from '../shell/time-text.js';
import type { ContainerNames } from './container-names.js';
import { imageOf, previewOf, subjectOf, type ShownEntry } from './entry.js';
import { wordsOf } from './entry-words.js';
import type { Row } from './row-buffer.js';

export interface EntryRowProps {
  readonly row: Row;
  readonly names: ContainerNames;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
}

/** One row of the live table. */
export function EntryRow({ row, names, isSelected, onSelect }: EntryRowProps) {
  if (row.kind === 'gap') return <GapRow text={row.text} />;
  const entry = JSON.parse(row.text) as ShownEntry;
  const { text, tone } = wordsOf(entry);
  const known = names.of(entry);
  return (
    <div class="row" data-tone={tone} aria-selected={isSelected} onClick={onSelect}>
      <time class="mono">{entry.timestamp ? formatTime(Date.parse(entry.timestamp)) : '–'}</time>
      <span class="namespace">{entry.namespace}</span>
      <span class="subject">{subjectOf(entry, known?.name)}</span>
      <span class={`words ${tone}`}>{text}</span>
      <span class="image">{imageOf(entry, known?.image) || previewOf(entry)}</span>
    </div>
  );
}

function GapRow({ text }: { text: string }) {
  const gap = JSON.parse(text) as { reason: string };
  return <div class="row gap">{`a gap: ${gap.reason}`}</div>;
}
