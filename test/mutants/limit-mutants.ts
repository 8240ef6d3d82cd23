import type { Mutant } from './mutants.ts';

const budget = 'test/unit/query/budget.test.ts';
const cost = 'test/unit/query/cost.test.ts';
const limits = 'test/unit/server/limits.test.ts';
const attacks = 'test/attacks/documents.test.ts';
const introspection = 'test/unit/query/introspection.test.ts';
const trusted = 'test/unit/server/trusted-documents.test.ts';

/** Seeded bugs of what bounds operations, and of which there may be. */
export const limitMutants: readonly Mutant[] = [
  {
    name: 'limits: index entries take no time',
    file: 'src/query/reading.ts',
    search: 'range)) {\n      this.#budget.work(1);',
    replace: 'range)) {',
    suite: budget,
  },
  {
    name: 'limits: ranges without entries take no time',
    file: 'src/query/reading.ts',
    search: 'many of them.\n    this.#budget.work(1);',
    replace: 'many of them.',
    suite: budget,
  },
  {
    name: 'limits: a field that fails is followed by the next',
    file: 'src/query/budget.ts',
    search: 'get path(): never',
    replace: 'get nothing(): never',
    suite: budget,
  },
  {
    name: 'limits: an execution that has taken too long goes on',
    file: 'src/query/budget.ts',
    search: 'if (this.#now() <= this.#deadline) return;',
    replace: 'return;',
    suite: budget,
  },
  {
    name: 'limits: values are not counted before they are written',
    file: 'src/query/budget.ts',
    search: 'this.#bytes += leastBytes(value);',
    replace: '',
    suite: budget,
  },
  {
    name: 'limits: rows weigh nothing',
    file: 'src/query/budget.ts',
    search: 'this.#rowBytes += size;',
    replace: '',
    suite: budget,
  },
  {
    name: 'limits: steps along relations count as one comparison',
    file: 'src/query/reading.ts',
    search: 'const comparisonsPerRelatedRow = 20;',
    replace: 'const comparisonsPerRelatedRow = 0;',
    suite: budget,
  },
  {
    name: 'limits: units are taken for bytes',
    file: 'src/query/write-json.ts',
    search: 'return Math.floor(bytes / 3);',
    replace: 'return bytes;',
    suite: 'test/unit/query/write-json.test.ts',
  },
  {
    name: 'limits: lists in lists cost as much as one',
    file: 'src/query/cost.ts',
    search: 'new Size(1 + rows * inner.fields, 0, 1, larger(itself, inside))',
    replace: 'new Size(1 + rows * inner.single + (inner.fields - inner.single), 0, 1, larger(itself, inside))',
    suite: cost,
  },
  {
    name: 'limits: a page costs what is beside it, too',
    file: 'src/query/cost.ts',
    search: 'return new Size(1 + fields, 0, 1 + single, connection);',
    replace: 'return new Size(1 + planned * fields, 0, 1 + single, connection);',
    suite: cost,
  },
  {
    name: 'limits: a fragment costs what it did where it was first met',
    file: 'src/query/cost.ts',
    search: 'const id = `${page} ${name}`;',
    replace: 'const id = name;',
    suite: cost,
  },
  {
    name: 'limits: introspection costs nothing',
    file: 'src/query/check-cost.ts',
    search: 'if (cost.introspected > maxIntrospected)',
    replace: 'if (cost.introspected > Infinity)',
    suite: cost,
  },
  {
    name: 'limits: conditions are counted field by field',
    file: 'src/query/conditions.ts',
    search: '  function add(input: unknown): void {\n',
    replace: '  function add(input: unknown): void {\n    count = 0;\n',
    suite: 'test/unit/query/prepare.test.ts',
  },
  {
    name: 'limits: bounds come after the rules of the specification',
    file: 'src/query/validate-document.ts',
    search:
      'const unbounded = run(document, bounds);\n    return unbounded.length > 0 ? unbounded : run(document, rules);',
    replace: 'const invalid = run(document, rules);\n    return invalid.length > 0 ? invalid : run(document, bounds);',
    suite: attacks,
  },
  {
    name: 'limits: fragments that nobody uses are as large as they like',
    file: 'src/server/limits.ts',
    search: 'checkFields(fragment, measure(fragment.selectionSet).fields);',
    replace: '',
    suite: limits,
  },
  {
    name: 'limits: spreads of fragments count as nothing',
    file: 'src/server/limits.ts',
    search: 'fields += inner.fields + 1;',
    replace: 'fields += inner.fields + (selection.kind === Kind.FIELD ? 1 : 0);',
    suite: limits,
  },
  {
    name: 'introspection that is off tells of a type',
    file: 'src/query/validate-document.ts',
    search: "if (name !== '__schema' && name !== '__type') return;",
    replace: "if (name !== '__schema') return;",
    suite: introspection,
  },
  {
    name: 'introspection that is off suggests names for variables',
    file: 'src/query/graphql-values.ts',
    search: 'maxErrors: hideSuggestions ? 5 : 20, hideSuggestions }',
    replace: 'maxErrors: hideSuggestions ? 5 : 20 }',
    suite: introspection,
  },
  {
    name: 'introspection that is off suggests names for fields',
    file: 'src/query/validate-document.ts',
    search: 'hideSuggestions: !introspection',
    replace: 'hideSuggestions: false',
    suite: introspection,
  },
  {
    name: 'trusted documents: any text with a good name is answered',
    file: 'src/server/trusted-documents.ts',
    search: 'const text = (hasText ? trusted.byText(query) : undefined) ?? (named && byId(named.id));',
    replace:
      'const text = hasText && named !== undefined && byId(named.id) !== undefined ? query : hasText ? trusted.byText(query) : named && byId(named.id);',
    suite: trusted,
  },
  {
    name: 'trusted documents: an empty list of mistakes is enough',
    file: 'src/server/trusted-documents.ts',
    search: 'if (mistakes.length > 0) throw new SetupError(mistakes);',
    replace: '',
    suite: trusted,
  },
];
