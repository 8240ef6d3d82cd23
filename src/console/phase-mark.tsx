import type { Phase } from './documents.ts';

const words: Readonly<Record<Phase, string>> = {
  FILLING: 'filling',
  LIVE: 'live',
  HALTED: 'halted',
  RECREATED: 'topic recreated',
};

/** In a colour and a word. */
export function PhaseMark({ phase }: { readonly phase: Phase }) {
  return (
    <span className="phase" data-phase={phase}>
      <span className="dot" aria-hidden="true" />
      {words[phase]}
    </span>
  );
}
