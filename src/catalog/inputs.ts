import { must } from '../common/errors.ts';
import { evaluate } from '../model/evaluate.ts';
import type { ColumnPath, Expression, RelatedOne } from '../model/expression.ts';
import type { ColumnReader, Predicate } from '../model/predicate.ts';
import type { Value } from '../model/value.ts';
import type { Table } from './catalog.ts';
import type { Column, Relation } from './column.ts';
import type { AggregationDefinition } from './derivation.ts';
import { leadsAway, pathsOf } from './dependencies.ts';
import type { DraftColumn, DraftTable } from './draft.ts';
import { predicateText } from './fingerprint.ts';
import { pathExpression } from './paths.ts';

/** The view that an aggregation reads where it leads through relations, and the aggregation over it. */
export interface WithInputs {
  readonly inputs: DraftTable;
  readonly definition: AggregationDefinition;
  /** By dimension. */
  readonly dimensions: ReadonlyMap<Column, Expression>;
}

/**
 * Puts a view `SongStats$inputs` between an aggregation and its source. It keeps what the aggregation reads of every source row:
 * columns under their own names, what lies behind relations as `song.genre`, and whether a filter through relations holds as
 * `$where`. So a row that retention removed from the source, or whose related row has changed, can still be taken out as it
 * was put in.
 */
export function withInputs(table: DraftTable, definition: AggregationDefinition, source: Table): WithInputs {
  const builder = new InputsBuilder(table, source);
  const dimensions = new Map<Column, Expression>();
  for (const column of definition.dimensions) {
    if (column.expression !== undefined) dimensions.set(column, builder.expression(column.expression));
  }
  const aggregates = definition.aggregates.map((aggregate) => ({
    ...aggregate,
    arg: aggregate.arg && builder.expression(aggregate.arg),
    by: aggregate.by && builder.expression(aggregate.by),
  }));
  const eventTime = definition.eventTime && builder.expression(definition.eventTime);
  const where = definition.where && builder.where(definition.where);
  const inputs = builder.build(definition.eventTime);
  return { inputs, dimensions, definition: { ...definition, source: inputs.name, aggregates, eventTime, where } };
}

/** The columns of the view that stand for those of a row, and of the rows that it relates to. */
interface Place {
  readonly columns: Map<Column, Column>;
  readonly places: Map<Relation, Place>;
}

class InputsBuilder {
  readonly #table: DraftTable;
  readonly #source: Table;
  readonly #columns: DraftColumn[] = [];
  readonly #relations = new Map<Relation, Relation>();
  readonly #place: Place = { columns: new Map(), places: new Map() };

  constructor(table: DraftTable, source: Table) {
    this.#table = table;
    this.#source = source;
    for (const column of source.key) this.#copy(column);
  }

  /** The same expression over a row of the view. */
  expression(expression: Expression): Expression {
    const reads = expression.reads.map((path): ColumnPath => ({ ...path, relations: [], column: this.#flat(path) }));
    const [only] = reads;
    const isPath = expression.text === pathText(expression.reads[0]);
    if (only !== undefined && reads.length === 1 && isPath) {
      return pathExpression(only, expression.type, expression.nullable, expression.text);
    }
    const place = this.#place;
    const inside: RelatedOne = (row, relation) => (row as Inside).related(relation);
    return { ...expression, reads, evaluate: (row) => expression.evaluate(new Inside(row, place), inside) };
  }

  /** A filter of the view's own columns that says the same. */
  where(predicate: Predicate): Predicate {
    const paths = pathsOf(predicate);
    const own = this.#filter(predicate);
    if (!paths.some(leadsAway)) return own;
    const reads = paths.map((path) => {
      const [first, ...further] = path.relations;
      if (first === undefined) return { ...path, column: this.#copy(path.column) };
      return { ...path, relations: [this.#relation(first), ...further] };
    });
    const type = { kind: 'scalar', scalar: 'Boolean' } as const;
    const column = this.#add('$where', type, true, {
      text: predicateText(predicate),
      type,
      nullable: false,
      reads,
      evaluate: (row, one) =>
        evaluate(own, row, (from, relation) => {
          const found = one(from, relation);
          return found === undefined ? [] : [found];
        }) === true,
    });
    return { kind: 'compare', column, path: [], type, op: 'eq', operand: true, insensitive: false };
  }

  /** `eventTime` is over the source. */
  build(eventTime: Expression | undefined): DraftTable {
    const source = this.#source;
    const name = `${this.#table.name}$inputs`;
    const relations = [...this.#relations.values()];
    const byName = new Map(this.#columns.map((column) => [column.name, column]));
    return {
      name,
      singular: name,
      plural: name,
      bases: [],
      derivation: { kind: 'view', source: source.name, inputs: true, timedBy: eventTime },
      kept: true,
      // Its rows go with the last bucket that they were in.
      timed: this.#table.retentionMs !== undefined,
      columns: this.#columns,
      columnsByName: byName,
      key: source.key.map((column) => this.#copy(column)),
      syntheticId: true,
      indexes: [],
      relations,
      relationsByName: new Map(relations.map((relation) => [relation.name, relation])),
      limit: this.#table.limit,
      expose: { query: false, live: false, changes: false },
      // Nobody can subscribe to it.
      changes: { retainMs: 60_000, maxBytes: 1_000_000 },
      hidden: true,
    };
  }

  /** The column of the view that a path of the source has become. */
  #flat({ relations, column }: ColumnPath): Column {
    const [first, ...further] = relations;
    if (first === undefined) return this.#copy(column);
    let place = this.#place;
    for (const relation of relations) {
      const next = place.places.get(relation) ?? { columns: new Map(), places: new Map() };
      place.places.set(relation, next);
      place = next;
    }
    const known = place.columns.get(column);
    if (known !== undefined) return known;
    const path = { relations: [this.#relation(first), ...further], column, fields: [] };
    const text = pathText(path);
    const flat = this.#add(text, column.type, false, pathExpression(path, column.type, true, text));
    place.columns.set(column, flat);
    return flat;
  }

  #copy(column: Column): Column {
    const { columns } = this.#place;
    const known = columns.get(column);
    if (known !== undefined) return known;
    const { name, type, required } = column;
    const path = { relations: [], column, fields: [] };
    const copied = this.#add(name, type, required, pathExpression(path, type, !required, name));
    columns.set(column, copied);
    return copied;
  }

  #relation(relation: Relation): Relation {
    let own = this.#relations.get(relation);
    if (own === undefined) {
      own = { ...relation };
      this.#relations.set(relation, own);
      for (const name of relation.columns) {
        this.#copy(must(this.#source.columnsByName.get(name), `no column ${this.#source.name}.${name}`));
      }
    }
    return own;
  }

  #add(name: string, type: Column['type'], required: boolean, expression: Expression): Column {
    const ordinal = this.#columns.length;
    const column = { name, ordinal, type, required, hidden: false, source: { kind: 'derived' }, expression } as const;
    this.#columns.push(column);
    return column;
  }

  #filter(predicate: Predicate): Predicate {
    switch (predicate.kind) {
      case 'and':
      case 'or':
        return { ...predicate, parts: predicate.parts.map((part) => this.#filter(part)) };
      case 'not':
        return { kind: 'not', part: this.#filter(predicate.part) };
      case 'compare':
        return { ...predicate, column: this.#copy(predicate.column) };
      case 'related':
        return { ...predicate, relation: this.#relation(predicate.relation) };
    }
  }
}

/** A row of the view as the source's row, and what that relates to, that it was made of. */
class Inside implements ColumnReader {
  readonly #row: ColumnReader;
  readonly #place: Place;

  constructor(row: ColumnReader, place: Place) {
    this.#row = row;
    this.#place = place;
  }

  value(column: Column): Value {
    return this.#row.value(must(this.#place.columns.get(column), `${column.name} is not among the inputs`));
  }

  related(relation: Relation): Inside {
    return new Inside(this.#row, must(this.#place.places.get(relation), `${relation.name} is not among the inputs`));
  }
}

/** `song.genre`; empty where there is none. */
function pathText(path: ColumnPath | undefined): string {
  if (path === undefined) return '';
  return [...path.relations.map(({ name }) => name), path.column.name, ...path.fields].join('.');
}
