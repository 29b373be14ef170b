import { useEffect, useState } from 'preact/hooks';

export const VIEWS = ['now', 'containers', 'broker'] as const;
export type View = (typeof VIEWS)[number];

/** The content of the address bar: a view and its settings, so that every state can be shared. */
export interface ViewAddress {
  readonly view: View;
  readonly settings: ReadonlyMap<string, string>;
}

/** Settings to change; `undefined` or an empty text removes one. */
export type SettingChanges = Readonly<Record<string, string | undefined>>;

export function parseAddress({
  pathname,
  search,
}: Pick<Location, 'pathname' | 'search'>): ViewAddress {
  const name = pathname.replaceAll('/', '');
  const view = VIEWS.find((known) => known === name) ?? 'now';
  return { view, settings: new Map(new URLSearchParams(search)) };
}

/** The path and query of an address; the first view is the root. */
export function formatAddress({ view, settings }: ViewAddress): string {
  const query = new URLSearchParams([...settings]).toString();
  return `/${view === 'now' ? '' : view}${query === '' ? '' : `?${query}`}`;
}

export function withSettings(address: ViewAddress, changes: SettingChanges): ViewAddress {
  const settings = new Map(address.settings);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') settings.delete(name);
    else settings.set(name, value);
  }
  return { ...address, settings };
}

/** Goes to an address; `replace` leaves no step behind for the back button. */
export function goTo(address: ViewAddress, how: 'push' | 'replace' = 'push'): void {
  const target = formatAddress(address);
  if (target === location.pathname + location.search) return;
  if (how === 'push') history.pushState(null, '', target);
  else history.replaceState(null, '', target);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** The current address, followed. */
export function useAddress(): ViewAddress {
  const [address, setAddress] = useState(() => parseAddress(location));
  useEffect(() => {
    const follow = (): void => {
      setAddress(parseAddress(location));
    };
    addEventListener('popstate', follow);
    return () => {
      removeEventListener('popstate', follow);
    };
  }, []);
  return address;
}
