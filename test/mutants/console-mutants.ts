import type { Mutant } from './mutants.ts';

const meta = 'test/unit/query/meta.test.ts';
const liveMeta = 'test/unit/live/meta.test.ts';
const served = 'test/e2e/server-console.test.ts';
const bounds = 'test/unit/ingest/bounds.test.ts';

/** What the console is told, and how it is served. */
export const consoleMutants: readonly Mutant[] = [
  {
    name: 'console: dead letters of a table of which the caller may read some rows',
    file: 'src/query/table-meta-types.ts',
    search: 'if (!whole || !wholeBases) return null;',
    replace: '',
    suite: meta,
  },
  {
    name: 'console: dead letters of a table that is built from one that the caller may not read',
    file: 'src/query/table-meta-types.ts',
    search: 'if (!whole || !wholeBases) return null;',
    replace: 'if (!whole) return null;',
    suite: meta,
  },
  {
    name: 'console: a dead letter names a hidden column',
    file: 'src/query/table-meta-types.ts',
    search: 'operator || [table',
    replace: 'true || [table',
    suite: meta,
  },
  {
    name: 'console: a table that the caller may not read is named as the source of another',
    file: 'src/query/table-meta-types.ts',
    search: '(grants.find(source) === undefined ? [] : [source.name])',
    replace: '[source.name]',
    suite: meta,
  },
  {
    name: 'console: the schema is told where nobody is to be told',
    file: 'src/query/meta-types.ts',
    search: 'const told = introspection || operator;',
    replace: 'const told = true;',
    suite: meta,
  },
  {
    name: 'console: everybody is told what others ask',
    file: 'src/query/live-query-types.ts',
    search: 'isOperator ? openQueries(limit) : null',
    replace: 'openQueries(limit)',
    suite: meta,
  },
  {
    name: 'console: an operator and somebody else share a frame',
    file: 'src/query/prepare.ts',
    search: 'operator: plan.operator,',
    replace: 'operator: undefined,',
    suite: meta,
  },
  {
    name: 'console: a frame with an older answer than its position',
    file: 'src/live/live-shape.ts',
    search: 'this.stale && this.#behind.size > 0',
    replace: 'false',
    suite: liveMeta,
  },
  {
    name: 'console: an older answer is said to be exact',
    file: 'src/live/live-shape.ts',
    search: '!this.#dirty && !this.stale && member.sent',
    replace: '!this.#dirty && member.sent',
    suite: liveMeta,
  },
  {
    name: 'console: what changed during a rest is never told',
    file: 'src/live/pace.ts',
    search: 'if (!this.#due) return;',
    replace: 'return;',
    suite: liveMeta,
  },
  {
    name: 'console: its own frames are news, for ever',
    file: 'src/live/live-shapes.ts',
    search: 'if (!shape.tellsMeta) sent();',
    replace: 'sent();',
    suite: liveMeta,
  },
  {
    name: 'console: a frame for every commit',
    file: 'src/live/pace.ts',
    search: 'if (this.#restMs > 0) {',
    replace: 'if (this.#restMs < 0) {',
    suite: liveMeta,
  },
  {
    name: 'console: a frame although nothing was told',
    file: 'src/live/hub.ts',
    search: 'if (progress !== toldProgress) liveShapes.touchMeta();',
    replace: 'liveShapes.touchMeta();',
    suite: liveMeta,
  },
  {
    name: 'console: progress is told again although it is the same',
    file: 'src/ingest/bounds.ts',
    search: 'if (known === undefined || known.get(partition) === n) return;',
    replace: 'if (known === undefined) return;',
    suite: bounds,
  },
  {
    name: 'console: it is served to a page that has come by its own name',
    file: 'src/server/requests.ts',
    search: "if (path !== '/healthz' && !options.isForUs(request))",
    replace: 'if (path === graphqlPath && !options.isForUs(request))',
    suite: served,
  },
  {
    name: 'console: scripts that are written into the page run',
    file: 'src/server/console.ts',
    search: `"script-src 'self'"`,
    replace: `"script-src 'self' 'unsafe-inline'"`,
    suite: served,
  },
  {
    name: 'console: the schema is a text for everybody',
    file: 'src/server/server.ts',
    search: 'options.introspection === true || options.isOperator?.(caller) === true ? printedSchema() : undefined',
    replace: 'printedSchema()',
    suite: served,
  },
];
