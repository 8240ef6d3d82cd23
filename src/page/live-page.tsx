import '@fontsource-variable/inter/opsz.css';
import type { ReactNode } from 'react';
import './theme.css';
import { ConnectionBadge } from './connection-badge.tsx';
import { SkipLink } from './skip-link.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

export interface LivePageProps {
  readonly title: string;
  readonly subtitle: ReactNode;
  /** What a reader must know of where the numbers come from. */
  readonly footer: ReactNode;
  readonly children: ReactNode;
}

/** The frame of all pages: header, what it shows, and where that comes from. */
export function LivePage({ title, subtitle, footer, children }: LivePageProps) {
  return (
    <>
      <SkipLink />
      <header className="masthead">
        <div>
          <h1>{title}</h1>
          <p>{subtitle}</p>
        </div>
        <ConnectionBadge />
        <ThemeToggle />
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer className="colophon">{footer}</footer>
    </>
  );
}
