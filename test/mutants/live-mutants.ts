import type { Mutant } from './mutants.ts';

const kept = 'test/unit/live/kept.test.ts';
const keptTypes = 'test/unit/live/kept-types.test.ts';
const keptFile = 'src/query/kept.ts';
const answersFile = 'src/live/kept-answers.ts';
const routesFile = 'src/live/value-routes.ts';
const random = 'test/unit/live/random.test.ts';
const frames = 'test/unit/server/socket-frames.test.ts';

/** Seeded bugs of what live queries keep, of finding them, and of what is sent. */
export const liveMutants: readonly Mutant[] = [
  {
    name: 'kept: a list that gave up a row believes that it has all',
    file: keptFile,
    search: 'rows.pop();\n      this.#complete = false;',
    replace: 'rows.pop();',
    suite: kept,
  },
  {
    name: 'kept: a row behind the last one known is taken for the next',
    file: keptFile,
    search: 'if (at === rows.length && !this.#complete) return false;',
    replace: '',
    suite: kept,
  },
  {
    name: 'kept: a drained list is shown as it is',
    file: keptFile,
    search: 'if (rows.length >= this.#size || this.#complete) return left || came;\n    this.lose();\n    return true;',
    replace: 'return left || came;',
    suite: kept,
  },
  {
    name: 'kept: a row that stops matching stays',
    file: keptFile,
    search: 'const left = before !== undefined && this.#holds(before) && this.#remove(rows, before);',
    replace:
      'const left = before !== undefined && this.#holds(before) && (after === undefined || this.#holds(after)) && this.#remove(rows, before);',
    suite: kept,
  },
  {
    name: 'kept: counts ignore what a row was',
    file: keptFile,
    search: 'this.#count += Number(is) - Number(was);',
    replace: 'this.#count += Number(is) - Number(was && after === undefined);',
    suite: kept,
  },
  {
    name: 'kept: what was not told is believed not to have happened',
    file: answersFile,
    search: 'for (const entry of this.#byTable.get(table)?.entries ?? []) this.#lose(entry);',
    replace: '',
    suite: 'test/unit/live/kept.test.ts',
  },
  {
    name: 'kept: a list outlives the scanLimit',
    file: answersFile,
    search: 'if (limited.size === 0 || snapshot.count(table) <= mostRows) continue;',
    replace: 'if (limited.size >= 0 || snapshot.count(table) <= mostRows) continue;',
    suite: kept,
  },
  {
    name: 'kept: rules of related rows are taken for rules of the row',
    file: keptFile,
    search: "case 'related':\n      return true;",
    replace: "case 'related':\n      return false;",
    suite: kept,
  },
  {
    name: 'routes: a row is looked for by what it is alone',
    file: routesFile,
    search: 'for (const bytes of same ? [is] : [was, is]) {',
    replace: 'for (const bytes of [is ?? was]) {',
    suite: kept,
  },
  {
    name: 'routes: a range leaves out its upper bound',
    file: routesFile,
    search: 'upper && (upper.inclusive ? afterPrefix(bytesOf(upper.value)) : bytesOf(upper.value))',
    replace: 'upper && bytesOf(upper.value)',
    suite: keptTypes,
  },
  {
    name: 'intervals: a branch is not looked at that ends later than its root',
    file: 'src/live/interval-index.ts',
    search: 'if (child !== undefined && endsLater(child.last, node.last)) node.last = child.last;',
    replace: 'if (child !== undefined && endsLater(child.last, node.last)) node.last = node.interval;',
    suite: 'test/unit/live/interval-index.test.ts',
  },
  {
    name: 'frames: the length of one of 126 bytes is taken for the mark of a longer one',
    file: 'src/server/socket-frames.ts',
    search: 'if (length < length16) return 2;',
    replace: 'if (length <= length16) return 2;',
    suite: frames,
  },
  {
    name: 'frames: what had to wait is said to have left',
    file: 'src/server/socket-frames.ts',
    search: 'stream.writableLength === 0',
    replace: 'true',
    suite: frames,
  },
  {
    name: 'frames: what never left is said to have left',
    file: 'src/server/socket-frames.ts',
    search: 'if (!stream.writable) return;',
    replace: '',
    suite: frames,
  },
  {
    name: 'routes: a bound among entries of equal columns is compared without the row key',
    file: 'src/live/router.ts',
    search: 'compareKeys(all, range.lower) < 0',
    replace: 'compareKeys(bytes, range.lower) < 0',
    suite: random,
  },
  {
    name: 'history: a bound among entries of equal columns is compared without the row key',
    file: 'src/feed/history.ts',
    search: '({ place }) => place,',
    replace: '({ indexKey }) => indexKey,',
    suite: random,
  },
  {
    name: 'routes: of two that ask for one key the first is forgotten',
    file: 'src/live/multi-map.ts',
    search: 'new Set([there, item])',
    replace: 'new Set([item])',
    suite: random,
  },
];
