import { asRate } from './units.ts';

export interface RateProps {
  /** A difference of frames, divided by the time between them; undefined where too little is known. */
  readonly perSecond: number | undefined;
  readonly format?: ((perSecond: number) => string) | undefined;
}

/** How fast a number moves. It is no number of a frame, so it is no `<data>`. */
export function Rate({ perSecond, format = asRate }: RateProps) {
  if (perSecond === undefined) return <span className="none">…</span>;
  return <span className={perSecond === 0 ? 'none' : 'rate'}>{format(perSecond)}</span>;
}
