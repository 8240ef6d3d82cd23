/** How numbers are written on all pages. What the gateway sends as digits is written digit by digit, never as a float. */
type Numeric = number | string;

const locale = 'en-US';
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const gain = new Intl.NumberFormat(locale, { maximumFractionDigits: 0, signDisplay: 'exceptZero' });

// Intl formats a string of digits exactly; the types know it from es2023 on.
const written = (format: Intl.NumberFormat) => (value: Numeric) =>
  format.format(value as number).replace('-', '\u2212');

export const inWhole = written(whole);
export const inCents = written(cents);
export const inTenths = written(tenths);
export const asGain = written(gain);

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** The reader's own clock, `14:03:22`. */
export function asClock(ms: number): string {
  return clock.format(ms);
}

const seconds = { minute: 60, hour: 3_600 };

/** `12 s`, `3 min`, `2 h`. */
export function asDuration(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1_000));
  if (total < seconds.minute) return `${total} s`;
  if (total < seconds.hour) return `${Math.floor(total / seconds.minute)} min`;
  return `${Math.floor(total / seconds.hour)} h`;
}
