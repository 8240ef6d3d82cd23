import { useEffect, useRef } from 'react';
import { mayMove } from './motion.ts';

export interface LiveNumberProps {
  /** As the gateway sent it: a number, or the digits of a Decimal or BigInt. */
  readonly value: number | string;
  readonly format: (value: number | string) => string;
  /** A rise is good news and a fall is bad, as with money; otherwise a change is just a change. */
  readonly money?: boolean;
  readonly className?: string;
}

const flashMs = 700;

/** A number that flashes when it changes. `<data>` keeps what the gateway sent beside what people read. */
export function LiveNumber({ value, format, money = false, className }: LiveNumberProps) {
  const element = useRef<HTMLDataElement>(null);
  const before = useRef(value);

  useEffect(() => {
    const difference = Number(value) - Number(before.current);
    before.current = value;
    if (difference === 0 || element.current === null || !mayMove()) return;
    const tone = money ? (difference > 0 ? 'up' : 'down') : 'flash';
    const flash = element.current.animate(
      [{ backgroundColor: `var(--${tone}-wash)` }, { backgroundColor: 'transparent' }],
      { duration: flashMs, easing: 'ease-out' },
    );
    return () => flash.cancel();
  }, [value, money]);

  return (
    <data ref={element} className={className} value={String(value)}>
      {format(value)}
    </data>
  );
}
