import type { Page } from 'playwright-core';

/** A number on a page: what the gateway sent, and what is read. */
export type PageNumber = readonly [value: string, text: string];

/** Every number of the page that comes from the gateway, in the order of the document. */
export function pageNumbers(page: Page): Promise<PageNumber[]> {
  return page.evaluate(`[...document.querySelectorAll('main data')].map((each) => [each.value, each.textContent])`);
}

/** Written here once more, and not as the pages write them: a mistake there shows. */
export function whole(value: unknown): PageNumber {
  return [String(value), rounded(String(value), 0)];
}

export function tenths(value: unknown): PageNumber {
  return [String(value), rounded(String(value), 1)];
}

export function cents(value: unknown): PageNumber {
  return [String(value), rounded(String(value), 2)];
}

/** In units of a thousand. */
export function bytes(value: unknown): PageNumber {
  const digits = String(value);
  const power = Math.min(4, Math.floor((digits.length - 1) / 3));
  const unit = ['B', 'kB', 'MB', 'GB', 'TB'][power];
  const point = digits.length - 3 * power;
  const text = power === 0 ? digits : rounded(`${digits.slice(0, point)}.${digits.slice(point)}`, 1);
  return [digits, `${text} ${unit}`];
}

/** Digit by digit as it came. */
export function plain(value: unknown): PageNumber {
  return [String(value), String(value)];
}

/** With its sign, unless it is zero. */
export function gain(value: unknown): PageNumber {
  const text = rounded(String(value), 0).replace(/^−0$/, '0');
  return [String(value), /^[−0]/.test(text) ? text : `+${text}`];
}

/** Half away from zero, digit by digit; groups of three; the sign that typographers use. */
function rounded(digits: string, places: number): string {
  const [, sign = '', integer = '0', fraction = ''] = /^(-?)(\d+)\.?(\d*)$/.exec(digits) ?? [];
  const kept = BigInt(integer + fraction.slice(0, places).padEnd(places, '0'));
  const up = Number(fraction[places] ?? '0') >= 5 ? 1n : 0n;
  const text = String(kept + up).padStart(places + 1, '0');
  const [before, after] = places === 0 ? [text, ''] : [text.slice(0, -places), `.${text.slice(-places)}`];
  return `${sign === '-' ? '−' : ''}${before.replaceAll(/\B(?=(\d{3})+$)/g, ',')}${after}`;
}
