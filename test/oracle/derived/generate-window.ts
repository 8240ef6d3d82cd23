import type { Random } from '../random.ts';
import { columnOf, type ColumnSpec, type EnumSpec } from '../spec.ts';
import { columnExpr, pathsFrom, scalar, scalarOf } from './generate-expr.ts';
import {
  baseColumn,
  baseOf,
  isKept,
  tableNamed,
  type AnyTable,
  type DerivedSchema,
  type Reference,
  type WindowSpec,
} from './spec.ts';

/** Sizes that the times of a history fall into several of. */
const sizes = [
  { text: '5s', name: 'S5', sizeMs: 5_000 },
  { text: '10s', name: 'S10', sizeMs: 10_000 },
  { text: '30s', name: 'S30', sizeMs: 30_000 },
  { text: '1m', name: 'M1', sizeMs: 60_000 },
  { text: '1h', name: 'H1', sizeMs: 3_600_000 },
  { text: '1d', name: 'D1', sizeMs: 86_400_000 },
] as const;
const hops = [
  { text: '5s', ms: 5_000 },
  { text: '2s', ms: 2_000 },
  { text: '10s', ms: 10_000 },
] as const;
const gaps = [
  { text: '3s', ms: 3_000 },
  { text: '10s', ms: 10_000 },
  { text: '60s', ms: 60_000 },
] as const;

export interface Drawn {
  readonly window?: WindowSpec | undefined;
  readonly timestamp?: Reference | undefined;
  readonly retentionMs?: number | undefined;
  readonly clock?: 'WALL' | undefined;
}

/** A time that only orders the rows. */
export function drawOrder(random: Random, source: AnyTable): Drawn | undefined {
  const times = source.columns.filter(({ type, required }) => scalarOf(type) === 'DateTime' && required);
  return times.length === 0 || random.chance(0.4) ? undefined : { timestamp: columnExpr(random.pick(times)) };
}

/** Undefined where nothing tells when a row happened. */
export function drawWindow(random: Random, schema: DerivedSchema, source: AnyTable, name: string): Drawn | undefined {
  const base = baseOf(schema, source);
  const time = drawTime(random, schema, source);
  if (time === undefined && base === undefined) return undefined;
  // Records are judged by what they tell themselves.
  const judged = base !== undefined && time?.kind !== 'path';
  const graceMs = judged && random.chance(0.7) ? random.pick([1_000, 5_000, 5_000, 20_000]) : undefined;
  const drawClock = (...going: readonly unknown[]): 'WALL' | undefined =>
    going.some((each) => each !== undefined) && random.chance(0.3) ? 'WALL' : undefined;
  const kept = judged && random.chance(0.35) ? random.pick([20_000, 60_000, 3_600_000]) : undefined;
  const draw = random.int(100);
  // No retention of sessions: what a late row would join is gone by then, or not yet, as the partitions happen to be interleaved.
  if (draw < 25) {
    const window: WindowSpec = { sizes: [], sessionGap: random.pick(gaps), graceMs };
    return { window, timestamp: time, clock: drawClock(graceMs) };
  }
  const chosen = random.some(random.chance(0.3) ? sizes : sizes.slice(0, 4), 1, random.pick([1, 2, 3]));
  const interval: EnumSpec = { kind: 'enum', name: `${name}Interval`, values: chosen.map((size) => size.name) };
  const fitting = hops.filter(({ ms }) => chosen.every(({ sizeMs }) => sizeMs % ms === 0 && sizeMs / ms <= 30));
  const hop = fitting.length > 0 && draw < 60 ? random.pick(fitting) : undefined;
  const clock = drawClock(graceMs, kept);
  return { window: { interval, sizes: chosen, hop, graceMs }, timestamp: time, retentionMs: kept, clock };
}

/** Undefined: that of the record. */
function drawTime(random: Random, schema: DerivedSchema, source: AnyTable): Reference | undefined {
  const base = baseOf(schema, source);
  const own = source.columns.filter(
    ({ name, type, required }) =>
      scalarOf(type) === 'DateTime' &&
      required &&
      (base === undefined || baseColumn(schema, source, name) !== undefined),
  );
  const paths = isKept(schema, source) ? pathsFrom(schema, source).filter((path) => isSure(schema, source, path)) : [];
  if (paths.length > 0 && random.chance(0.12)) return random.pick(paths);
  if (own.length === 0 || (base !== undefined && random.chance(0.15))) return undefined;
  const preferred = own.find(({ name }) => name === 'at' || name === 'atOf');
  return columnExpr(preferred !== undefined && random.chance(0.8) ? preferred : random.pick(own));
}

/** A time that every row at the end of the path has. */
function isSure(schema: DerivedSchema, source: AnyTable, path: Reference): boolean {
  if (path.kind !== 'path' || scalarOf(path.type) !== 'DateTime') return false;
  const target = path.relations.reduce<AnyTable>((at, relation) => {
    return tableNamed(schema, at.relations.find(({ name }) => name === relation)?.target ?? '');
  }, source);
  return columnOf(target, path.column).required;
}

export function bucketColumns({ interval, sessionGap }: WindowSpec): readonly ColumnSpec[] {
  const timestamp: ColumnSpec = { name: 'timestamp', type: scalar('DateTime'), required: true };
  const closed: ColumnSpec = { name: 'closed', type: scalar('Boolean'), required: true };
  if (sessionGap !== undefined) return [timestamp, { ...timestamp, name: 'end' }, closed];
  return [{ name: 'interval', type: interval ?? scalar('ID'), required: true }, timestamp, closed];
}
