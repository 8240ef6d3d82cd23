import type { ErrorCode } from '../../src/common/errors.ts';

/**
 * What somebody sends who means no good, as plain data: to be run in process and over the wire alike, against the schema of
 * `../support/charts.ts` with introspection off and limits at their defaults.
 */
export interface Attack {
  readonly name: string;
  /** The body of a POST, before it is made JSON. */
  readonly request: unknown;
  /** Of the first error; null: it is answered, and does no harm. */
  readonly code: ErrorCode | null;
  /** It takes more than `scanLimit` songs to be refused; with fewer it is answered. */
  readonly ofMany?: true;
  /** Where whoever reads HTTP requests refuses it sooner, with another code. */
  readonly overHttp?: ErrorCode;
}

/** Attacks whose request is a document and nothing else, all with the same outcome. */
export function documents(code: Attack['code'], queries: Readonly<Record<string, string>>): readonly Attack[] {
  return Object.entries(queries).map(([name, query]) => ({ name, request: { query }, code }));
}

/** Attacks with variables for one document. */
export function variables(
  code: Attack['code'],
  query: string,
  values: Readonly<Record<string, unknown>>,
): readonly Attack[] {
  return Object.entries(values).map(([name, given]) => ({ name, request: { query, variables: given }, code }));
}

export function repeat(times: number, part: string | ((i: number) => string), separator = ' '): string {
  return Array.from({ length: times }, (_, i) => (typeof part === 'string' ? part : part(i))).join(separator);
}

/** `{a{a{a …}}}`, and the like. */
export function nest(times: number, open: string, inside: string, close: string): string {
  return open.repeat(times) + inside + close.repeat(times);
}

export function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
