import { useSyncExternalStore } from 'react';

/** What is looked at. It stands behind the `#` of the address, so that it can be sent to somebody. */
export type Route =
  | { readonly view: 'overview' }
  | { readonly view: 'table'; readonly name: string }
  | { readonly view: 'live' }
  | { readonly view: 'dead-letters'; readonly name: string }
  | { readonly view: 'schema'; readonly name: string }
  | { readonly view: 'sign-in' };

export function useRoute(): Route {
  return routeOf(useSyncExternalStore(subscribe, () => location.hash));
}

export function tableHref(name: string): string {
  return `#/tables/${name}`;
}

export function deadLettersHref(table: string): string {
  return `#/dead-letters/${table}`;
}

function routeOf(hash: string): Route {
  const [, view = '', name = ''] = hash.split('/');
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
addEventListener('hashchange', () => scrollTo(0, 0));
