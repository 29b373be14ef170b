import { useEffect, useRef } from 'preact/hooks';

/** Actions by the names that KeyboardEvent gives to keys. */
export type KeyActions = Readonly<Record<string, () => void>>;

/** Acts on keys while nothing is edited. Keys with Ctrl, Alt or Meta stay the browser's. */
export function useKeys(actions: KeyActions): void {
  const current = useRef(actions);
  current.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.altKey || event.metaKey || isEditing(event.target)) return;
      const action = current.current[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  }, []);
}

function isEditing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select');
}
