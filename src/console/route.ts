import { useSyncExternalStore } from 'react';

/** What is looked at. It stands behind the `#` of the address, so that it can be sent to somebody. */
export type Route =
  | { readonly view: 'overview' }
  | { readonly view: 'table'; readonly name: string }
  | { readonly view: 'live' }
  | { readonly view: 'dead-letters'; readonly name: string }
  | { readonly view: 'schema'; readonly name: string }
  | { readonly view: 'sign-in' };

export const overviewHref = '#/';

export function useRoute(): Route {
  return routeOf(useSyncExternalStore(subscribe, () => pathOf(location.hash)));
}

/** How it is looked at: what stands behind the `?` of the hash. Another one is no other place: the way back does not stop there. */
export function useHashQuery(): readonly [string, (query: string) => void] {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  const path = pathOf(hash);
  const setQuery = (query: string): void => {
    history.replaceState(history.state, '', query === '' ? path : `${path}?${query}`);
    dispatchEvent(new HashChangeEvent('hashchange'));
  };
  return [hash.slice(path.length + 1), setQuery];
}

export function tableHref(name: string): string {
  return `#/tables/${name}`;
}

export function deadLettersHref(table: string): string {
  return `#/dead-letters/${table}`;
}

function pathOf(hash: string): string {
  return hash.split('?', 1)[0] ?? '';
}

function routeOf(path: string): Route {
  const [, view = '', name = ''] = path.split('/');
  if (view === 'tables' && name !== '') return { view: 'table', name };
  if (view === 'schema' || view === 'dead-letters') return { view, name };
  if (view === 'live' || view === 'sign-in') return { view };
  return { view: 'overview' };
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

/** Another view begins at its top. */
let shown = pathOf(location.hash);
addEventListener('hashchange', () => {
  const path = pathOf(location.hash);
  if (path !== shown) scrollTo(0, 0);
  shown = path;
});
