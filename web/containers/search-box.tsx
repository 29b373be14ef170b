import { useRef } from 'preact/hooks';
import { useKeys } from '../shell/keys.js';

export interface SearchBoxProps {
  readonly search: string;
  readonly onSearch: (search: string) => void;
}

export function SearchBox({ search, onSearch }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => input.current?.focus() });
  return (
    <input
      ref={input}
      type="search"
      class="search"
      value={search}
      placeholder="name, image, label=value"
      aria-label="Search containers"
      onInput={({ currentTarget }) => {
        onSearch(currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') input.current?.blur();
      }}
    />
  );
}
