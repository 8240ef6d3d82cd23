import type { Random } from '../../support/random.ts';

/** What trips those who take it for granted: numbers at their ends, texts that are something else, deep and wide values. */
const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.1,
  2 ** 31,
  2 ** 53,
  1e308,
  '',
  ' ',
  '0',
  '-1',
  '9'.repeat(40),
  'NaN',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  '\u{1f600}',
  '\u202e',
  'a'.repeat(2_000),
  '2026-13-45T99:99:99Z',
  [],
  {},
  [[]],
  [null],
  { eq: null },
  { and: [{}] },
  nestedList(300),
];

function nestedList(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

const oddNames = ['__proto__', 'constructor', 'toString', '', 'and', 'or', 'not', 'query', 'variables', 'type', 'id'];

/** A few mutations, most often one. */
function times(random: Random): number {
  return random.pick([1, 1, 1, 2, 3, 8]);
}

/** Somewhere inside, a value is another, is gone, or is there twice. */
export function mutateJson(random: Random, value: unknown): unknown {
  let mutated = value;
  for (let left = times(random); left > 0; left -= 1) mutated = mutateOnce(random, mutated);
  return mutated;
}

function mutateOnce(random: Random, value: unknown): unknown {
  if (typeof value === 'string' && random.int(3) > 0) return mutateText(random, value);
  if (typeof value === 'number' && random.int(3) === 0) return value + random.pick([1, -1, 0.5, 2 ** 32]);
  if (typeof value !== 'object' || value === null || random.int(12) === 0) return random.pick(oddValues);
  if (Array.isArray(value)) return mutateList(random, value);
  const entries = Object.entries(value);
  if (entries.length === 0) return { [random.pick(oddNames)]: random.pick(oddValues) };
  const at = random.int(entries.length);
  const changed = entries.flatMap(([name, member], place): [string, unknown][] => {
    if (place !== at) return [[name, member]];
    switch (random.int(8)) {
      case 0:
        return [];
      case 1:
        return [[random.pick(oddNames), member]];
      case 2:
        return [
          [name, member],
          [random.pick(oddNames), random.pick(oddValues)],
        ];
      default:
        return [[name, mutateOnce(random, member)]];
    }
  });
  return Object.fromEntries(changed);
}

function mutateList(random: Random, list: readonly unknown[]): unknown {
  const at = random.int(list.length + 1);
  switch (random.int(4)) {
    case 0:
      return list.toSpliced(at, 1);
    case 1:
      return list.toSpliced(at, 0, random.pick(oddValues));
    case 2:
      return [...list, ...list];
    default:
      return list.map((member, place) => (place === at ? mutateOnce(random, member) : member));
  }
}

const tokens = /"(?:[^"\\\n]|\\.)*"|\.\.\.|[A-Za-z_]\w*|-?\d+(?:\.\d+)?|[^\s\w]/g;
const words: readonly string[] = [
  ['{', '}', '(', ')', '[', ']', ':', '!', '$', '@', '...', '|', '=', '&', '"', '"""', '#', ',', '\\', '\u0000'],
  ['query', 'mutation', 'subscription', 'fragment', 'on', 'null', 'true', '__typename', '__schema', '__type'],
  ['@include(if: true)', '@skip(if: false)', '@atLeast', '@live', '@defer', '$id', 'id', 'Song', 'where', 'limit'],
  ['9223372036854775808', '-1', '1e400', '0x1', '1.', '"\\u0000"', '"\\uD800"', '""', '{}', '[]', 'x: 1'],
].flat();

/** Of a document: tokens swapped, dropped, doubled, put in, or taken from elsewhere. */
export function mutateDocument(random: Random, text: string): string {
  let parts: readonly string[] = text.match(tokens) ?? [];
  for (let left = times(random); left > 0; left -= 1) {
    const at = random.int(parts.length + 1);
    const length = random.pick([1, 1, 1, 2, 5, 10]);
    switch (random.int(5)) {
      case 0:
        parts = parts.toSpliced(at, length);
        break;
      case 1:
        parts = parts.toSpliced(at, 0, random.pick(words));
        break;
      case 2:
        parts = parts.toSpliced(at, 1, random.pick(words));
        break;
      case 3: {
        const from = random.int(parts.length + 1);
        parts = parts.toSpliced(at, 0, ...parts.slice(from, from + length));
        break;
      }
      default: {
        const piece = parts.slice(at, at + length);
        parts = parts.toSpliced(at, length).toSpliced(random.int(parts.length + 1), 0, ...piece);
      }
    }
  }
  return parts.join(random.pick([' ', ' ', ' ', '\n', ',']));
}

function mutateText(random: Random, text: string): string {
  return random.int(4) > 0 && text.includes('{')
    ? mutateDocument(random, text)
    : String(mutateBytes(random, Buffer.from(text)));
}

/** Bytes flipped, dropped, doubled, put in, or cut off. */
export function mutateBytes(random: Random, bytes: Buffer): Buffer {
  let mutated = bytes;
  for (let left = times(random); left > 0; left -= 1) {
    const at = random.int(mutated.length + 1);
    const [before, after] = [mutated.subarray(0, at), mutated.subarray(at)];
    switch (random.int(7)) {
      case 0:
        mutated = Buffer.concat([before, after.subarray(random.pick([1, 1, 2, 16]))]);
        break;
      case 1:
        mutated = Buffer.concat([before, Buffer.from([random.int(256)]), after]);
        break;
      case 2:
        mutated = Buffer.concat([before, Buffer.from([random.int(256)]), after.subarray(1)]);
        break;
      case 3:
        mutated = Buffer.concat([before, after.subarray(0, 20), after]);
        break;
      case 4:
        mutated = Buffer.from(before);
        break;
      case 5:
        mutated = Buffer.concat([before, Buffer.from(random.pick(words)), after]);
        break;
      default: {
        const flipped = Buffer.from(mutated);
        if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(8));
        mutated = flipped;
      }
    }
  }
  return mutated;
}
