import { useEffect, useRef } from 'preact/hooks';

const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['1 2 3', 'Now, Containers, Broker'],
  ['/', 'edit the filter, or search containers'],
  ['space', 'pause or continue'],
  ['End', 'follow the newest'],
  ['↑ ↓', 'select a row'],
  ['Enter', 'show what is selected'],
  ['← →', 'move the timeline'],
  ['+ −', 'zoom the timeline'],
  ['0', 'show the whole history'],
  ['Esc', 'close'],
  ['t', 'theme: system, light, dark'],
];

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-label="Keys">
      <h2>Keys</h2>
      <dl class="keys">
        {KEYS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
