import { memo } from 'react';
import type { ReactNode } from 'react';
import { piecesOf } from './sdl-blocks.ts';

export interface SdlBlockProps {
  readonly text: string;
  /** In lower case; what is found is marked. */
  readonly wanted: string;
}

export const SdlBlock = memo(function SdlBlock({ text, wanted }: SdlBlockProps) {
  return (
    <pre>
      {piecesOf(text).map(({ kind, text: piece }, index) => (
        <span key={index} className={kind}>
          {marked(piece, wanted)}
        </span>
      ))}
    </pre>
  );
});

function marked(text: string, wanted: string): ReactNode {
  if (wanted === '') return text;
  const parts: ReactNode[] = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  return parts.length === 0 ? text : [...parts, text.slice(from)];
}
