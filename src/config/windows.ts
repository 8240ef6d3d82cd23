import { Kind } from 'graphql';
import type { ASTNode, FieldDefinitionNode, NameNode } from 'graphql';
import type { ColumnType } from '../model/value.ts';
import type { Applied } from './arguments.ts';
import type { DeclaredColumn, DeclaredEnum, DeclaredInterval, DeclaredRole, DeclaredWindow } from './declared.ts';
import type { Report } from './report.ts';

/** More would have every row of the source write to so many rows of the aggregation. */
const maxBucketsPerRow = 10_000;

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const unitNames: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day' };

/** Whether it was meant to have buckets of time, even if their sizes are wrong. */
export function isWindowed(directive: Applied<'aggregation'>): boolean {
  return isGiven(directive, 'intervals') || isGiven(directive, 'sessionGap');
}

/** The buckets of an aggregation, without intervals that have a mistake; undefined where it has no buckets. */
export function declareWindow(directive: Applied<'aggregation'>, report: Report): DeclaredWindow | undefined {
  const { clock, grace, hop, retention, sessionGap } = directive.args;
  const windowed = isWindowed(directive);
  for (const argument of ['grace', 'retention'] as const) {
    if (windowed || directive.args[argument] === undefined) continue;
    report.add(
      directive.at(argument),
      `@aggregation(${argument}:) is about buckets of time, and this has none. Add "intervals" or "sessionGap", or remove it.`,
    );
  }
  if (hop !== undefined && !isGiven(directive, 'intervals')) {
    report.add(
      directive.at('hop'),
      '@aggregation(hop:) is how far apart intervals begin. Add "intervals", or remove it.',
    );
  }
  if (clock === 'WALL' && grace === undefined && retention === undefined) {
    report.add(
      directive.at('clock'),
      '@aggregation(clock:) is what "grace" and "retention" go by. Add one of them, or remove it.',
    );
  }
  if (!windowed) return undefined;
  if (isGiven(directive, 'intervals') && isGiven(directive, 'sessionGap')) {
    report.add(
      directive.at('sessionGap'),
      'Buckets are intervals or sessions, not both. Remove "intervals" or "sessionGap", or make two aggregations.',
    );
  }
  if (isGiven(directive, 'sessionGap') && retention !== undefined) {
    // A record that is in time for a session which retention has removed would begin another one: what there is would then depend on
    // the order in which partitions are read.
    report.add(directive.at('retention'), 'Sessions are kept: remove "retention", or use "intervals".');
  }
  if (grace !== undefined && retention !== undefined && grace > retention) {
    report.add(
      directive.at('grace'),
      'A bucket would be removed while records are still added to it: "grace" is at most "retention".',
    );
  }
  return { intervals: declareIntervals(directive, report), sessionGapMs: sessionGap };
}

function declareIntervals(directive: Applied<'aggregation'>, report: Report): readonly DeclaredInterval[] {
  const { intervals = [], hop } = directive.args;
  const list = directive.at('intervals');
  if (intervals.length === 0 && list.kind === 'ListValue' && list.values.length === 0) {
    report.add(
      list,
      '@aggregation(intervals:) is empty. Write sizes of buckets, such as ["1h", "1d"], or leave it out.',
    );
  }
  const advance = hop === undefined ? undefined : parseInterval(hop);
  if (hop !== undefined && advance === undefined) report.add(directive.at('hop'), noInterval('hop', hop));
  const found: (DeclaredInterval & { readonly text: string })[] = [];
  for (const [i, text] of intervals.entries()) {
    const at: ASTNode = list.kind === 'ListValue' ? (list.values[i] ?? list) : list;
    const parsed = parseInterval(text);
    if (parsed === undefined) {
      report.add(at, noInterval('intervals', text));
      continue;
    }
    const same = found.find(({ sizeMs }) => sizeMs === parsed.sizeMs);
    if (same !== undefined) {
      report.add(
        at,
        `"${text}" is there already${same.text === text ? '' : `, as "${same.text}"`}. Remove one of them.`,
      );
      continue;
    }
    const advanceMs = advance?.sizeMs ?? parsed.sizeMs;
    if (parsed.sizeMs % advanceMs !== 0) {
      report.add(
        directive.at('hop'),
        `@aggregation(hop:) divides every interval, and "${hop}" does not divide "${text}".`,
      );
    } else if (parsed.sizeMs / advanceMs > maxBucketsPerRow) {
      report.add(
        directive.at('hop'),
        `Every row would be in ${parsed.sizeMs / advanceMs} buckets of "${text}"; at most ${maxBucketsPerRow} can be.`,
      );
    }
    found.push({ ...parsed, advanceMs, text });
  }
  return found.map(({ name, sizeMs, advanceMs }) => ({ name, sizeMs, advanceMs }));
}

/** `15m`: name `M15`, 900,000 ms. */
function parseInterval(text: string): { readonly name: string; readonly sizeMs: number } | undefined {
  const match = /^([1-9]\d{0,5})([smhd])$/.exec(text);
  if (match === null) return undefined;
  const [, digits = '', unit = ''] = match;
  return { name: `${unit.toUpperCase()}${digits}`, sizeMs: Number(digits) * (unitMs[unit] ?? NaN) };
}

function noInterval(argument: string, text: string): string {
  return `@aggregation(${argument}:) takes a number and a unit of s, m, h or d, such as "15m"; not "${text}".`;
}

/** The enum of an aggregation's intervals; undefined for sessions. */
export function intervalEnum(owner: NameNode, { intervals }: DeclaredWindow): DeclaredEnum | undefined {
  if (intervals.length === 0) return undefined;
  const values = intervals.map(({ name, advanceMs, sizeMs }) => ({
    name,
    description: `Buckets of ${lengthText(sizeMs)}${advanceMs === sizeMs ? '' : `, one every ${lengthText(advanceMs)}`}.`,
    deprecationReason: undefined,
  }));
  return {
    name: { ...owner, value: `${owner.value}Interval` },
    description: `Sizes of the buckets of ${owner.value}.`,
    values,
    madeFor: owner,
  };
}

function lengthText(ms: number): string {
  const unit = ['d', 'h', 'm'].find((each) => ms % (unitMs[each] ?? NaN) === 0) ?? 's';
  const number = ms / (unitMs[unit] ?? NaN);
  return `${number} ${unitNames[unit]}${number === 1 ? '' : 's'}`;
}

/** The columns that an aggregation with buckets has besides those that are written. */
export function generatedColumns(
  owner: NameNode,
  directive: Applied<'aggregation'>,
  window: DeclaredWindow,
): { readonly first: readonly DeclaredColumn[]; readonly last: readonly DeclaredColumn[] } {
  const column = (name: string, role: DeclaredRole, type: ColumnType, description: string): DeclaredColumn => ({
    name,
    node: nodeOf(name, type, directive.node),
    type,
    required: true,
    hidden: undefined,
    auth: undefined,
    from: undefined,
    default: undefined,
    computed: undefined,
    aggregate: undefined,
    unread: false,
    role,
    description,
    deprecationReason: undefined,
    source: { kind: 'derived' },
  });
  const closed = column(
    'closed',
    'closed',
    { kind: 'scalar', scalar: 'Boolean' },
    'True once no record that arrives from now on can be added. Rows that are counted may still be corrected.',
  );
  const declared = intervalEnum(owner, window);
  if (declared !== undefined) {
    const type = { kind: 'enum', name: declared.name.value, values: declared.values.map(({ name }) => name) } as const;
    return { first: [column('interval', 'interval', type, 'The size of the bucket.')], last: [closed] };
  }
  const dateTime = { kind: 'scalar', scalar: 'DateTime' } as const;
  return { first: [], last: [column('end', 'end', dateTime, "The time of the session's last row."), closed] };
}

/** Names that an aggregation with buckets cannot use for fields of its own. */
export function generatedNames(directive: Applied<'aggregation'>): readonly string[] {
  if (!isWindowed(directive)) return [];
  return isGiven(directive, 'intervals') ? ['interval', 'closed'] : ['end', 'closed'];
}

function nodeOf(name: string, type: ColumnType, at: ASTNode): FieldDefinitionNode {
  const loc = at.loc === undefined ? {} : { loc: at.loc };
  const typeName = type.kind === 'scalar' ? type.scalar : type.kind === 'enum' ? type.name : '';
  return {
    kind: Kind.FIELD_DEFINITION,
    name: { kind: Kind.NAME, value: name, ...loc },
    type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: typeName, ...loc }, ...loc },
    ...loc,
  };
}

function isGiven(directive: Applied<'aggregation'>, argument: 'intervals' | 'sessionGap'): boolean {
  return directive.at(argument) !== directive.node;
}
