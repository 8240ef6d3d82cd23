import type { Credentials } from '../config/authenticate.ts';

/** Shorter pieces are words, not secrets. */
const minLength = 6;

/** What was thrown, with where, for the log: without anything that the client showed, which errors like to quote. */
export function withoutCredentials(cause: unknown, { headers, connectionParams }: Credentials): string {
  const { authorization, cookie, 'x-api-key': apiKey } = headers;
  const shown = [authorization, cookie, apiKey, connectionParams].flatMap(textsIn);
  // Errors quote what they are about as it came, or as JSON.
  const written = shown.flatMap((each) => [each, JSON.stringify(each).slice(1, -1)]);
  const pieces = new Set(written.flatMap((each) => [each, ...each.split(/[\s;,=.:]+/)]));
  let text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  // The longest first: a shorter one may be part of it.
  for (const piece of [...pieces].toSorted((a, b) => b.length - a.length)) {
    if (piece.length >= minLength) text = text.replaceAll(piece, '…');
  }
  return text;
}

/** Every text inside, however deep. */
function textsIn(given: unknown): readonly string[] {
  if (typeof given === 'string') return [given];
  return typeof given === 'object' && given !== null ? Object.values(given).flatMap(textsIn) : [];
}
