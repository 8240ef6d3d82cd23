import type { ReactNode } from 'react';
import { useId } from 'react';
import { useConnectionKind } from './live-client.tsx';
import type { Live } from './use-live.ts';

export interface LiveSectionProps<Data> {
  readonly title: ReactNode;
  /** Beside the title. */
  readonly note?: ReactNode;
  readonly live: Live<Data>;
  readonly className?: string;
  readonly children: (data: Data) => ReactNode;
}

/** A part of the page that shows a live query: waiting for it, live, stale, or refused, and always saying which. */
export function LiveSection<Data>({ title, note, live, className, children }: LiveSectionProps<Data>) {
  const heading = useId();
  const { state, data, error } = live;
  return (
    <section className={className} aria-labelledby={heading} aria-busy={state === 'loading'} data-state={state}>
      <header>
        <h2 id={heading}>{title}</h2>
        {state === 'stale' ? <p className="note stale">stale</p> : note !== undefined && <p className="note">{note}</p>}
      </header>
      {state === 'loading' && <Waiting />}
      {state === 'failed' && (
        <p className="notice" role="alert">
          The gateway refused this: {error?.message ?? 'it gave no reason'}
        </p>
      )}
      {data !== undefined && children(data)}
    </section>
  );
}

function Waiting() {
  const kind = useConnectionKind();
  return (
    <p className="notice waiting">{kind === 'live' ? 'Waiting for the first answer…' : 'Waiting for the gateway…'}</p>
  );
}
