import { useSyncExternalStore } from 'react';

const query = matchMedia('(prefers-color-scheme: dark)');

/** Whether the colours are the dark ones: what CSS knows by itself, and a canvas has to be told. */
export function useDark(): boolean {
  return useSyncExternalStore(subscribe, isDark);
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'dark' || (chosen !== 'light' && query.matches);
}

function subscribe(listener: () => void): () => void {
  query.addEventListener('change', listener);
  // What the theme's buttons say.
  addEventListener('themechange', listener);
  return () => {
    query.removeEventListener('change', listener);
    removeEventListener('themechange', listener);
  };
}
