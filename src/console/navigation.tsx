import { useRoute } from './route.ts';
import type { Route } from './route.ts';

const places: readonly { readonly name: string; readonly hash: string; readonly views: readonly Route['view'][] }[] = [
  { name: 'Overview', hash: '#/', views: ['overview', 'table'] },
  { name: 'Live queries', hash: '#/live', views: ['live'] },
  { name: 'Dead letters', hash: '#/dead-letters', views: ['dead-letters'] },
  { name: 'Schema', hash: '#/schema', views: ['schema'] },
];

export function Navigation() {
  const { view } = useRoute();
  return (
    <nav aria-label="Console">
      {places.map(({ name, hash, views }) => (
        <a key={hash} href={hash} aria-current={views.includes(view) ? 'page' : undefined}>
          {name}
        </a>
      ))}
      <a href="/graphql">GraphiQL</a>
    </nav>
  );
}
