import type { Random } from './random.ts';
import { RuleWriter, type ClaimSpec } from './rule-writer.ts';
import type { AuthSpec, RuleSpec, SchemaSpec, TableSpec } from './spec.ts';

/** May read everything, nearly. */
export const auditorRole = 'auditor';
const auditing: RuleSpec = { roles: [auditorRole] };

export interface Ruled {
  readonly schema: SchemaSpec;
  readonly claims: readonly ClaimSpec[];
}

/**
 * The same tables and one that says who may see what, with rules on types and fields, and some of it hidden. `far`: mostly by
 * what indexes of other tables tell.
 */
export function addRules(random: Random, plain: SchemaSpec, far: boolean): Ruled {
  const schema = hideColumns(random, addGrants(random, plain));
  const shown = schema.tables.filter(({ hidden }) => hidden !== true);
  const { tables, claims } = guardTables(random, schema, schema.tables, random.pick(shown), far);
  return { schema: { ...schema, tables }, claims };
}

/** The tables with rules. One at least is `audited` whole: its answers tell the versions. */
export function guardTables<T extends TableSpec>(
  random: Random,
  schema: SchemaSpec,
  tables: readonly T[],
  audited: T | undefined,
  far: boolean,
  mayGuard: (table: T, column: string) => boolean = () => true,
): { readonly tables: readonly T[]; readonly claims: readonly ClaimSpec[] } {
  const writer = new RuleWriter(random, schema, far);
  const guarded = tables.map((table): T => {
    if (table.hidden === true) return table;
    const guard = (chance: number): readonly RuleSpec[] | undefined =>
      random.chance(chance) ? withAuditor(random, writer.rules(table), 0.75) : undefined;
    const isIndexed = (name: string): boolean => table.indexes.some((index) => index.columns.includes(name));
    const columns = table.columns.map((column) =>
      column.hidden === true || table.key.includes(column.name) || !mayGuard(table, column.name)
        ? column
        : { ...column, auth: guard(isIndexed(column.name) ? 0.25 : 0.15) },
    );
    const relations = table.relations.map((relation) => ({ ...relation, auth: guard(0.22) }));
    return { ...table, columns, relations, auth: typeRules(random, writer, table, table === audited) };
  });
  return { tables: guarded, claims: writer.claims };
}

function typeRules(random: Random, writer: RuleWriter, table: TableSpec, audited: boolean): AuthSpec | undefined {
  const draw = random.int(100);
  if (draw < 18) return undefined;
  if (draw < 25) return { kind: 'public' };
  return { kind: 'rules', rules: withAuditor(random, writer.rules(table), audited ? 1 : 0.85) };
}

function withAuditor(random: Random, rules: readonly RuleSpec[], chance: number): readonly RuleSpec[] {
  return random.chance(chance) ? random.shuffled([...rules, auditing]) : rules;
}

/** Who holds what: a table of permissions, to be asked by rules through relations. */
function addGrants(random: Random, schema: SchemaSpec): SchemaSpec {
  const target = random.pick(schema.tables);
  const references = target.key.map((name, i) => {
    const type = target.columns.find((column) => column.name === name)?.type;
    if (type === undefined) throw new Error('a key without column');
    return { name: `ofRef${i}`, type, required: random.chance(0.3) };
  });
  const names = references.map(({ name }) => name);
  const grant: TableSpec = {
    name: 'Grant',
    singular: 'grant',
    plural: 'grants',
    topic: 'grant-topic',
    partitions: 2,
    mode: 'UPSERT',
    keyFormat: 'STRING',
    keyFormatWritten: false,
    key: ['id'],
    columns: [
      { name: 'id', type: { kind: 'scalar', scalar: 'ID' }, required: true },
      { name: 'holder', type: { kind: 'scalar', scalar: 'ID' }, required: random.chance(0.5) },
      { name: 'level', type: { kind: 'scalar', scalar: 'Int' }, required: false },
      ...references,
    ],
    relations: [{ name: 'of', target: target.name, many: false, columns: names, references: target.key }],
    indexes: [
      { columns: names, unique: false, covering: random.chance(0.3) },
      ...(random.chance(0.7) ? [{ columns: ['holder'], unique: false, covering: random.chance(0.3) }] : []),
    ],
    limit: { default: 50, max: 1000 },
    hidden: random.chance(0.35),
  };
  const tables = schema.tables.map((table) => {
    if (table !== target) return table;
    const held = { name: 'held', target: 'Grant', many: true, columns: target.key, references: names };
    return { ...table, relations: [...table.relations, held] };
  });
  return { ...schema, tables: [...tables, grant] };
}

function hideColumns(random: Random, schema: SchemaSpec): SchemaSpec {
  const tables = schema.tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) =>
      !table.key.includes(column.name) && random.chance(0.08) ? { ...column, hidden: true } : column,
    ),
  }));
  return { ...schema, tables };
}
