import { LiveSection } from '../page/live-section.tsx';
import { DeadLettersList } from './dead-letters-list.tsx';
import { useDeadLetters } from './use-dead-letters.ts';

const newest = 20;

/** Those of one table. */
export function DeadLettersOf({ table }: { readonly table: string }) {
  const live = useDeadLetters(newest, table);
  return (
    <LiveSection title="Dead letters" note={`the newest ${newest}`} live={live}>
      {({ letters, hidden }) => {
        if (hidden.length > 0)
          return <p className="notice">They are not shown to this caller, who may not read all rows.</p>;
        if (letters.length === 0) return <p className="notice">Every record could become a row.</p>;
        return <DeadLettersList letters={letters} />;
      }}
    </LiveSection>
  );
}
