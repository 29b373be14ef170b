import { useState } from 'preact/hooks';
import { BrokerView } from '../broker/broker-view.js';
import { ContainersView } from '../containers/containers-view.js';
import { NowView } from '../now/now-view.js';
import { formatAddress, goTo, useAddress, VIEWS, type ViewAddress, type View } from './address.js';
import { HelpDialog } from './help-dialog.js';
import { useKeys } from './keys.js';
import { useTheme } from './theme.js';

const TITLES: Record<View, string> = { now: 'Now', containers: 'Containers', broker: 'Broker' };

/** The frame around the views. */
export function Page() {
  const address = useAddress();
  const [theme, nextTheme] = useTheme();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const open = (view: View) => () => {
    goTo({ view, settings: new Map() });
  };
  useKeys({
    '1': open('now'),
    '2': open('containers'),
    '3': open('broker'),
    t: nextTheme,
    '?': () => {
      setHelpOpen(true);
    },
  });
  document.title = `${TITLES[address.view]} – Foghorn`;
  return (
    <>
      <header class="bar">
        <a class="brand" href="/" onClick={follow(open('now'))}>
          <img src="/page/icon.svg" alt="" width="22" height="22" />
          Foghorn
        </a>
        <nav aria-label="Views">
          {VIEWS.map((view) => (
            <a
              key={view}
              href={formatAddress({ view, settings: new Map() })}
              aria-current={view === address.view ? 'page' : undefined}
              onClick={follow(open(view))}
            >
              {TITLES[view]}
            </a>
          ))}
        </nav>
        <span class="grow" />
        <button type="button" onClick={nextTheme} title="Change the theme (t)">
          <span aria-hidden="true">◐ </span>
          <span class="theme">{theme}</span>
        </button>
        <button
          type="button"
          onClick={() => {
            setHelpOpen(true);
          }}
          title="Keys (?)"
          aria-label="Keys"
        >
          ?
        </button>
      </header>
      <main>
        <CurrentView address={address} />
      </main>
      {isHelpOpen && (
        <HelpDialog
          onClose={() => {
            setHelpOpen(false);
          }}
        />
      )}
    </>
  );
}

function CurrentView({ address }: { address: ViewAddress }) {
  switch (address.view) {
    case 'now':
      return <NowView address={address} />;
    case 'containers':
      return <ContainersView address={address} />;
    case 'broker':
      return <BrokerView />;
  }
}

/** Follows a link inside the page; a click with a modifier opens it elsewhere, as usual. */
function follow(open: () => void) {
  return (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    open();
  };
}
