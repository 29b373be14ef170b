import { formatAddress } from '../shell/address.js';
import type { ContainerNames } from './container-names.js';
import { containerIdOf, subjectOf, type ShownEntry } from './entry.js';

export interface EntryDetailsProps {
  readonly text: string;
  readonly names: ContainerNames;
  readonly onFilter: (filter: string) => void;
  readonly onClose: () => void;
}

/** Everything that one entry says, and ways on from it. */
export function EntryDetails({ text, names, onFilter, onClose }: EntryDetailsProps) {
  const entry = JSON.parse(text) as ShownEntry;
  const id = containerIdOf(entry);
  const settings = new Map([['container', id ?? '']]);
  return (
    <aside class="details" aria-label="Selected event">
      <div class="bar">
        <strong>{subjectOf(entry, names.of(entry)?.name) || entry.topic}</strong>
        <span class="grow" />
        <button type="button" onClick={onClose} aria-label="Close">
          ✕
        </button>
      </div>
      <div class="actions">
        <button
          type="button"
          onClick={() => {
            onFilter(`topic==${JSON.stringify(entry.topic)}`);
          }}
        >
          only this topic
        </button>
        {id !== undefined && (
          <a class="button" href={formatAddress({ view: 'containers', settings })}>
            its container
          </a>
        )}
      </div>
      <pre class="mono">{JSON.stringify(entry, null, 2)}</pre>
    </aside>
  );
}
