import { StrictMode } from 'react';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { LiveClient } from './live-client.tsx';
import type { PageClient } from './live-client.tsx';

/** Puts a page into its `index.html`. */
export function mount(page: ReactNode, client: PageClient): void {
  const root = document.getElementById('root');
  if (root === null) throw new Error('index.html has no element with the id "root"');
  createRoot(root).render(
    <StrictMode>
      <LiveClient client={client}>{page}</LiveClient>
    </StrictMode>,
  );
}
