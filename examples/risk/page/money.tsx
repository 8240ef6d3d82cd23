import { LiveNumber } from '../../../src/page/live-number.tsx';
import type { LiveNumberProps } from '../../../src/page/live-number.tsx';
import type { Digits } from './documents.ts';

export interface MoneyProps extends Pick<LiveNumberProps, 'format' | 'money'> {
  readonly value: Digits;
  /** Profit is coloured, loss too. */
  readonly signed?: boolean;
}

/** An amount, or a dash where there is none yet. */
export function Money({ value, format, money = false, signed = false }: MoneyProps) {
  if (value === null) return <span className="none">–</span>;
  const tone = signed ? (value.startsWith('-') ? 'loss' : 'profit') : '';
  return <LiveNumber value={value} format={format} money={money} className={tone} />;
}
