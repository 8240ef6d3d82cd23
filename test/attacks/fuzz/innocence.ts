/** What no answer may have in it, whatever was asked: our mistakes, and what only we can know. */
const guilty: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a mistake of ours', /"INTERNAL"|Something went wrong in Headgate|bug in Headgate/],
  [
    'an error of JavaScript',
    /\b(?:Type|Range|Reference|Syntax|Assertion)Error\b|Cannot read prop|is not a function|is not iterable|Maximum call stack|\[object \w+\]/,
  ],
  ['a place in the source', /node_modules|\/src\/|\/dist\/|file:\/\/|\bat [\w$.<> ]+ \([^)]*:\d|\b\w+\.[cm]?[jt]s:\d+/],
  ['a path', /\/(?:home|root|tmp|var|usr|work)\//],
  ['an error of the system', /\bE(?:NOENT|ACCES|PIPE|CONNRESET|INVAL)\b|\bERR_[A-Z_]+/],
  ['a part of the store', /\blmdb\b|data\.mdb|MDB_/i],
];

/** Undefined for an answer that says nothing of our insides. */
export function guiltOf(text: string): string | undefined {
  return guilty.find(([, pattern]) => pattern.test(text))?.[0];
}

/** Codes that a socket may be closed with; 1011 and 4500 would be mistakes of ours. */
export const goodCloses: ReadonlySet<number> = new Set(
  [
    [1000, 1001, 1002, 1005, 1006, 1007, 1008, 1009],
    [4400, 4401, 4403, 4406, 4408, 4409, 4429],
  ].flat(),
);

/** 5xx that are no mistake: come back, a position that is not reached, a time that is over. */
export const goodStatuses = (status: number): boolean => status < 500 || status === 503 || status === 504;
