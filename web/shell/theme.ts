import { useEffect, useState } from 'preact/hooks';

const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
const STORAGE_KEY = 'foghorn-theme';

/** The chosen theme, kept in this browser, and a function that goes on to the next one. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    localStorage.setItem(STORAGE_KEY, theme);
    dispatchEvent(new Event('themechange'));
  }, [theme]);
  const next = (): void => {
    setTheme((current) => THEMES[(THEMES.indexOf(current) + 1) % THEMES.length] ?? 'system');
  };
  return [theme, next];
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORAGE_KEY);
  return THEMES.find((theme) => theme === stored) ?? 'system';
}

/** Calls back when the theme changes, whether here or in the system. Returns its end. */
export function onThemeChange(callback: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', callback);
  addEventListener('themechange', callback);
  return () => {
    system.removeEventListener('change', callback);
    removeEventListener('themechange', callback);
  };
}

/** The value of a colour of the style sheet, for canvases. */
export function themeColour(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
