import { unreachable } from '../common/errors.ts';
import type { ColumnType, ScalarName } from '../model/value.ts';
import type { Applied } from './arguments.ts';
import type { DeclaredColumn, DeclaredKeyFormat, DeclaredSource } from './declared.ts';
import type { Report } from './report.ts';

/**
 * Where each column is read from, and how the record's key is read. Sets `source` of the columns, reports what cannot be,
 * and returns the key format.
 *
 * The key columns of an UPSERT table are what the record's key says; their `value` source is where the value may repeat
 * it. Those of an APPEND table are read where `@from` says, by default from the value.
 */
export function resolveSources(
  owner: string,
  table: Applied<'table'>,
  columns: readonly DeclaredColumn[],
  key: readonly DeclaredColumn[],
  report: Report,
): DeclaredKeyFormat {
  for (const column of columns) column.source = readFrom(column, table.args.mode, report) ?? column.source;
  const fromKey = columns.filter((column) => column.source.kind === 'key');
  const upsert = table.args.mode === 'UPSERT';
  const format = table.args.keyFormat ?? defaultFormat(upsert, key, fromKey);
  const given = table.args.keyFormat !== undefined;

  if (format === 'NONE') {
    for (const column of fromKey) {
      report.add(
        column.from?.node ?? column.node,
        `With keyFormat: NONE the record's key is not read. Remove keyFormat, or read "${column.name}" from the value.`,
      );
    }
  } else {
    checkFormat(owner, table, format, upsert ? key : [], fromKey, report);
  }
  if (upsert) {
    for (const column of key) checkUpsertKey(column, format, key.length === 1, report);
  } else if (format !== 'NONE') {
    if (fromKey.length === 0 && given) {
      report.add(
        table.at('keyFormat'),
        `No column of ${owner} is read from the record's key. Write @from(key: "$") on one, or remove keyFormat.`,
      );
    }
    for (const column of fromKey.length === 0 ? [] : key) {
      if (column.source.kind !== 'value') continue;
      report.add(
        column.node,
        `"${column.name}" is a key column read from the value, while other columns are read from the record's key. ` +
          `Read the whole key of ${owner} from one of them; @from(meta: KEY) gives any column the record's key as text.`,
      );
    }
  }
  return format;
}

function defaultFormat(
  upsert: boolean,
  key: readonly DeclaredColumn[],
  fromKey: readonly DeclaredColumn[],
): DeclaredKeyFormat {
  if (!upsert && fromKey.length === 0) return 'NONE';
  const members = fromKey.some(({ source }) => source.kind === 'key' && source.path.length > 0);
  return members || (upsert && key.length > 1) ? 'JSON' : 'STRING';
}

/** `carried` are the columns that the format has to fill. */
function checkFormat(
  owner: string,
  table: Applied<'table'>,
  format: Exclude<DeclaredKeyFormat, 'NONE'>,
  carried: readonly DeclaredColumn[],
  fromKey: readonly DeclaredColumn[],
  report: Report,
): void {
  if (format === 'JSON') return;
  if (carried.length > 1) {
    report.add(
      table.at('keyFormat'),
      `keyFormat: ${format} fills one key column, and ${owner} has ${carried.length}. Use keyFormat: JSON.`,
    );
    return;
  }
  for (const column of fromKey) {
    if (column.source.kind === 'key' && column.source.path.length > 0) {
      report.add(
        column.from?.at('key') ?? column.node,
        `With keyFormat: ${format} the record's key is one value without members. Write @from(key: "$"), or keyFormat: JSON.`,
      );
    } else if (!isLeaf(column.type)) {
      report.add(
        column.from?.node ?? column.node,
        `A list or an object cannot be read from a key of format ${format}.`,
      );
    }
  }
  if (format === 'LONG') {
    for (const column of new Set([...carried, ...fromKey])) {
      if (isScalar(column.type, ['Int', 'BigInt', 'ID'])) continue;
      report.add(
        table.at('keyFormat'),
        `keyFormat: LONG gives a number, for an Int, BigInt or ID; "${column.name}" is none of them.`,
      );
    }
  }
}

function checkUpsertKey(column: DeclaredColumn, format: DeclaredKeyFormat, alone: boolean, report: Report): void {
  const { source } = column;
  if (source.kind === 'header' || source.kind === 'meta') {
    report.add(
      column.from?.node ?? column.node,
      `The key of an UPSERT table comes from the record's key. Remove @from from "${column.name}", ` +
        `or write keyFormat: NONE in @table and read it from the value.`,
    );
  }
  // Written out, it is still what the record's key says by default, which the value may repeat.
  const [member, ...deeper] = source.kind === 'key' ? source.path : ['', ''];
  const plain = member === undefined ? alone && format !== 'JSON' : member === column.name && deeper.length === 0;
  if (plain) column.source = { kind: 'value', path: [column.name] };
}

function readFrom(column: DeclaredColumn, mode: string, report: Report): DeclaredSource | undefined {
  const { from } = column;
  if (from === undefined || column.computed !== undefined) return undefined;
  const { path, header, key, meta } = from.args;
  const given = [path, header, key, meta].filter((each) => each !== undefined);
  if (given.length !== 1) {
    report.add(from.node, `@from takes one of "path", "header", "key" and "meta"; this has ${given.length}.`);
    return undefined;
  }
  if (header !== undefined) {
    if (header === '') report.add(from.at('header'), '@from(header:) is the name of a header, not empty.');
    if (!isLeaf(column.type))
      report.add(from.node, `A header is text; "${column.name}" cannot be a list or an object.`);
    return { kind: 'header', name: header };
  }
  if (meta !== undefined) {
    checkMeta(column, meta, mode, report);
    return { kind: 'meta', meta };
  }
  if (key !== undefined) {
    const steps = key === '$' ? [] : readPath(key);
    if (steps === undefined) report.add(from.at('key'), pathMessage('key', key));
    return { kind: 'key', path: steps ?? [] };
  }
  const steps = readPath(path ?? '');
  if (steps === undefined) report.add(from.at('path'), pathMessage('path', path ?? ''));
  return steps && { kind: 'value', path: steps };
}

/** Members from the outside in; undefined where one is empty. */
function readPath(text: string): readonly string[] | undefined {
  const steps = (text.match(/(?:\\.|[^.\\])+|\./g) ?? []).reduce<string[]>(
    (path, part) => (part === '.' ? [...path, ''] : [...path.slice(0, -1), part.replaceAll(/\\(.)/g, '$1')]),
    [''],
  );
  return steps.includes('') || steps[0] === '$' ? undefined : steps;
}

function pathMessage(argument: 'key' | 'path', given: string): string {
  const what =
    argument === 'key'
      ? '"$" for the whole key, or members of it such as "order.id"'
      : 'members of the value such as "song.title"';
  return `@from(${argument}:) takes ${what}, not "${given}". A dot inside a name is written "\\\\.".`;
}

function checkMeta(
  column: DeclaredColumn,
  meta: NonNullable<Applied<'from'>['args']['meta']>,
  mode: string,
  report: Report,
): void {
  const at = column.from?.node ?? column.node;
  const allowed = metaTypes(meta);
  if (!isScalar(column.type, allowed)) {
    report.add(at, `@from(meta: ${meta}) gives ${article(allowed)}; "${column.name}" has another type.`);
  }
  if (meta === 'COORDINATES' && mode === 'UPSERT') {
    report.add(at, 'COORDINATES name a record, not a row: they are for tables with mode: APPEND or STREAM.');
  }
  if (column.default !== undefined && meta !== 'KEY') {
    report.add(
      column.default.node,
      `"${column.name}" is never absent: every record has a ${meta.toLowerCase()}. Remove @default.`,
    );
  }
}

function metaTypes(meta: NonNullable<Applied<'from'>['args']['meta']>): readonly ScalarName[] {
  switch (meta) {
    case 'KEY':
    case 'TOPIC':
    case 'COORDINATES':
      return ['String', 'ID'];
    case 'TIMESTAMP':
      return ['DateTime'];
    case 'PARTITION':
      return ['Int'];
    case 'OFFSET':
      return ['BigInt'];
    default:
      return unreachable(meta);
  }
}

function article(types: readonly ScalarName[]): string {
  return types.map((type) => (type === 'Int' || type === 'ID' ? `an ${type}` : `a ${type}`)).join(' or ');
}

function isScalar(type: ColumnType, scalars: readonly ScalarName[]): boolean {
  return type.kind === 'scalar' && scalars.includes(type.scalar);
}

function isLeaf(type: ColumnType): boolean {
  return type.kind === 'scalar' || type.kind === 'enum';
}
