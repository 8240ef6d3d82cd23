import type { Mutant } from './mutants.ts';

const canary = 'test/canary/canary.test.ts';
const queryWire = 'test/unit/query/rules-wire.test.ts';
const liveWire = 'test/unit/live/rules-wire.test.ts';

/** The grants without their rules of rows. */
const ofAllRows = '{ ...grants, of: (each) => ({ ...grants.of(each), rows: undefined }) }';

/** Seeded leaks: one way out for what a caller may not read. */
export const leakMutants: readonly Mutant[] = [
  {
    name: 'leak: columns that the caller may not read, copied with the rest of the row',
    file: 'src/query/copy-rows.ts',
    search: 'masks.size > 0 ||',
    replace: '',
    suite: 'test/unit/query/rules-copies.test.ts',
  },
  {
    name: 'leak: rows that the caller may not read, copied with the others',
    file: 'src/query/copy-rows.ts',
    search: 'predicate !== undefined && !isCovered(path, conjuncts(predicate))',
    replace: 'false',
    suite: 'test/unit/query/rules-copies.test.ts',
  },
  {
    name: 'leak: related rows are copied though a rule asks for another value of what they are found by',
    file: 'src/query/count.ts',
    search: 'return equal[place] !== undefined;',
    replace: 'return place >= 0 && place < equal.length;',
    suite: 'test/unit/query/rules-copies.test.ts',
  },
  {
    name: 'leak: the deletion of a row that was never there for the subscriber',
    file: 'src/live/membership.ts',
    search: 'const was = change.before && see(change.before, before);',
    replace: 'const was = change.before;',
    suite: canary,
  },
  {
    name: 'leak: a deletion with what the row was',
    file: 'src/live/membership.ts',
    search: "if (restricted) return { kind: 'delete', key, timestampMs: committedMs };",
    replace: '',
    suite: canary,
  },
  {
    name: 'leak: that a column was written which the subscriber may not read',
    file: 'src/live/membership.ts',
    search: 'const hides = masks.size > 0 &&',
    replace: 'const hides = false &&',
    suite: canary,
  },
  {
    name: 'leak: when rows were written that the subscriber may not read',
    file: 'src/live/membership.ts',
    search: 'const timestampMs = guarded ? committedMs : newest(commits);',
    replace: 'const timestampMs = newest(commits);',
    suite: liveWire,
  },
  {
    name: 'leak: a stream that resumes goes by no rules until it has caught up',
    file: 'src/live/change-shape.ts',
    search: 'const changes = this.membership.changes(commits, before, after);',
    replace:
      'const open = createMembership(this.#host.tables, { ...this.stream, where: undefined, masks: new Map() });\n' +
      '      const changes = (point.live ? this.membership : open).changes(commits, before, after);',
    suite: canary,
  },
  {
    name: 'leak: the snapshot of a stream with all columns',
    file: 'src/live/stream-start.ts',
    search: 'const image = membership.see(row, snapshot);',
    replace: 'const image = row;',
    suite: canary,
  },
  {
    name: 'leak: rows that relations lead to',
    file: 'src/query/granted-access.ts',
    search: 'const rows = visibleRelated(grants, target, relation);',
    replace: 'const rows = undefined;',
    suite: canary,
  },
  {
    name: 'leak: the row that a relation to one leads to',
    file: 'src/query/lookup-plan.ts',
    search: 'const access = grantedRelation(options, grants, link, undefined);',
    replace: 'const access = link.access;',
    suite: canary,
  },
  {
    name: 'leak: where a relation leads that the caller may not follow',
    file: 'src/query/lookup-plan.ts',
    search: 'if (mask !== undefined && !holds(reading, mask, owned)) return null;',
    replace: '',
    suite: canary,
  },
  {
    name: 'leak: how many rows there are, in totalCount',
    file: 'src/query/connection-plan.ts',
    search: 'counting: plan([])',
    replace: `counting: grantedAccess(options, ${ofAllRows}, table, where, [])`,
    suite: canary,
  },
  {
    name: 'leak: how many rows there are, in _meta',
    file: 'src/query/meta-types.ts',
    search: "whole: grant.id === ''",
    replace: 'whole: true',
    suite: canary,
  },
  {
    name: 'leak: how many records there are of tables that the caller may not read',
    file: 'src/query/meta-types.ts',
    search: 'tables.filter((table) => execution.grants.find(table) !== undefined)',
    replace: 'tables',
    suite: queryWire,
  },
  {
    name: 'leak: a row by its nodeId',
    file: 'src/query/lookup-plan.ts',
    search: 'const plan = lookUp(catalog, grants, table,',
    replace: `const plan = lookUp(catalog, ${ofAllRows}, table,`,
    suite: canary,
  },
  {
    name: 'leak: a row by its key',
    file: 'src/query/lookup-plan.ts',
    search: '(args, grants) => lookUp(catalog, grants, table,',
    replace: `(args, grants) => lookUp(catalog, ${ofAllRows}, table,`,
    suite: canary,
  },
  {
    name: 'leak: a row by a unique column',
    file: 'src/query/lookup-plan.ts',
    search: 'grantedAccess(options, grants, table, predicate,',
    replace: `grantedAccess(options, ${ofAllRows}, table, predicate,`,
    suite: canary,
  },
  {
    name: 'leak: what a column is that the caller may not read, in the order of rows',
    file: 'src/query/order.ts',
    search: 'compareByTerm(term, a.value(term.column), b.value(term.column))',
    replace: 'compareByTerm(term, (a.row ?? a).value(term.column), (b.row ?? b).value(term.column))',
    suite: canary,
  },
  {
    name: 'leak: what a column is that the caller may not read, in cursors',
    file: 'src/query/cursor.ts',
    search: 'order.map(({ column }) => row.value(column)),',
    replace: 'order.map(({ column }) => (row.row ?? row).value(column)),',
    suite: canary,
  },
  {
    name: 'leak: what a column was that the subscriber may not read',
    file: 'src/query/change-types.ts',
    search: 'resolve: ({ before }: SeenChange) => before ?? null,',
    replace: 'resolve: ({ before }: SeenChange) => before?.row ?? before ?? null,',
    suite: canary,
  },
  {
    name: 'leak: that a column has another value which the subscriber may not read',
    file: 'src/query/change-types.ts',
    search: 'columns.filter((column) => before.json(column) !== after.json(column))',
    replace: 'columns.filter((column) => (before.row ?? before).json(column) !== (after.row ?? after).json(column))',
    suite: canary,
  },
  {
    name: 'leak: what a column is that the caller may not read, to filters',
    file: 'src/query/secure-where.ts',
    search: 'return mask === undefined ? predicate : { ...predicate, mask };',
    replace: 'return predicate;',
    suite: canary,
  },
  {
    name: 'leak: whether there are related rows that the caller may not see, to filters',
    file: 'src/query/secure-where.ts',
    search: '...(only && { only })',
    replace: '',
    suite: canary,
  },
  {
    name: 'leak: the frames of a caller with other claims',
    file: 'src/query/shape.ts',
    search: 'text, stableJson(values), stableJson(grants),',
    replace: 'text, stableJson(values),',
    suite: canary,
  },
  {
    name: 'leak: everything, where a claim is missing or of a wrong type',
    file: 'src/model/claims.ts',
    search: 'if (error instanceof Unusable) return undefined;',
    replace: "if (error instanceof Unusable) return { kind: 'and', parts: [] };",
    suite: canary,
  },
  {
    name: 'leak: to change streams what live queries may have',
    file: 'src/query/plan-operation.ts',
    search: "kind = 'CHANGES';\n      grants = grantsOf(kind);",
    replace: "kind = 'CHANGES';",
    suite: canary,
  },
  {
    name: 'leak: in which order rows were written that the subscriber may not read',
    file: 'src/live/membership.ts',
    search: 'return restricted && table.kept ? changes.sort((a, b) => Buffer.compare(a.key, b.key)) : changes;',
    replace: 'return changes;',
    suite: liveWire,
  },
  {
    name: 'leak: everything, while the table is being filled that says who is kept out',
    file: 'src/query/engine.ts',
    search: 'checkDeciding(prepared.deciding, snapshot);',
    replace: '',
    suite: queryWire,
  },
  {
    name: 'leak: topics in the position of an operation that reads nothing',
    file: 'src/query/prepare.ts',
    search: 'readable.flatMap(([table, grant]) => (grant === undefined ? [] : [table]))',
    replace: 'readable.map(([table]) => table)',
    suite: queryWire,
  },
];
