import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { checkFilter, type FilterFault } from '../api/filters.js';
import { useKeys } from '../shell/keys.js';
import { complete, type FieldNames } from './field-names.js';

/** Time without a key before a filter is checked. */
const CHECK_AFTER_MS = 150;

export interface FilterBoxProps {
  readonly filter: string;
  readonly fields: FieldNames;
  /** The filter is about to be edited. */
  readonly onEdit: () => void;
  readonly onFilter: (filter: string) => void;
}

/** Edits the filter: completes field names, and shows an error below its character. */
export function FilterBox({ filter, fields, onEdit, onFilter }: FilterBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(filter);
  const [caret, setCaret] = useState<number>();
  const [chosen, setChosen] = useState(0);
  const fault = useFault(text.trim());
  const listId = useId();
  const faultId = useId();
  useEffect(() => {
    setText(filter);
  }, [filter]);
  useKeys({ '/': () => input.current?.focus() });

  const offered = caret === undefined ? [] : fields.completions(text, caret);
  const accept = (name: string): void => {
    const completed = complete(text, caret ?? text.length, name);
    setText(completed.text);
    setCaret(undefined);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(completed.caret, completed.caret);
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      if (offered.length > 0) setCaret(undefined);
      else input.current?.blur();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (offered.length === 0) return;
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setChosen((chosen + step + offered.length) % offered.length);
    } else if (event.key === 'Tab') {
      const name = offered[chosen];
      if (name === undefined) return;
      event.preventDefault();
      accept(name);
    }
  };
  return (
    <form
      class="filter"
      onSubmit={(event) => {
        event.preventDefault();
        setCaret(undefined);
        if (!fault) onFilter(text.trim());
      }}
    >
      <input
        ref={input}
        class="mono"
        value={text}
        placeholder='topic=="/tasks/exit",event.exit_status!="0"'
        aria-label="Filter"
        aria-invalid={fault !== undefined}
        aria-describedby={faultId}
        aria-autocomplete="list"
        aria-controls={listId}
        aria-expanded={offered.length > 0}
        role="combobox"
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => {
          setText(event.currentTarget.value);
          setCaret(event.currentTarget.selectionStart ?? undefined);
          setChosen(0);
        }}
        onFocus={onEdit}
        onKeyDown={onKeyDown}
        onBlur={() => {
          setCaret(undefined);
        }}
      />
      {offered.length > 0 && (
        <ul class="offered mono" id={listId} role="listbox" aria-label="Fields">
          {offered.map((name, i) => (
            <li
              key={name}
              role="option"
              aria-selected={i === chosen}
              onMouseDown={(event) => {
                event.preventDefault();
                accept(name);
              }}
            >
              {name}
            </li>
          ))}
        </ul>
      )}
      <p class="fault mono" id={faultId} role="status">
        {fault && <Fault fault={fault} />}
      </p>
    </form>
  );
}

function Fault({ fault: { column, message } }: { fault: FilterFault }) {
  return (
    <>
      {column !== undefined && <span aria-hidden="true">{`${' '.repeat(column)}▲ `}</span>}
      {message}
    </>
  );
}

/** The fault of the filter as it is typed now; a filter that was changed has none yet. */
function useFault(text: string): FilterFault | undefined {
  const [checked, setChecked] = useState<{ text: string; fault: FilterFault | undefined }>();
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      checkFilter(text, abort.signal).then(
        (fault) => {
          setChecked({ text, fault });
        },
        () => undefined,
      );
    }, CHECK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);
  return checked?.text === text ? checked.fault : undefined;
}
