import { unreachable } from '../common/errors.ts';
import type { ColumnDraft, RelationDraft, TableDraft, TypeDraft } from './draft.ts';
import { pathText } from './names.ts';

/** The SDL of a table and of the objects in its columns, as a person would have written it. */
export function printDraft(draft: TableDraft): string {
  const notes = draft.notes.map((note) => `# ${note}\n`).join('');
  const args = [
    `topic: ${JSON.stringify(draft.topic)}`,
    ...(draft.mode === 'UPSERT' ? [] : [`mode: ${draft.mode}`]),
    ...(draft.keyFormat === undefined ? [] : [`keyFormat: ${draft.keyFormat}`]),
    ...(draft.accept === undefined ? [] : [`accept: ${draft.accept}`]),
  ];
  const isUsual = draft.key.length === 1 && draft.key[0] === 'id';
  const key = isUsual ? '' : ` @key(fields: "${draft.key.join(' ')}")`;
  const lines = draft.columns.flatMap((column) => [
    printColumn(column),
    ...draft.relations.filter(({ many, column: by }) => !many && by === column.name).map(printRelation),
  ]);
  lines.push(...draft.relations.filter(({ many }) => many).map(printRelation));
  const objects = draft.objects.map(({ name, fields }) => {
    return `\ntype ${name} {\n${fields.map((field) => `  ${field.name}: ${printType(field.type)}\n`).join('')}}\n`;
  });
  return `${notes}type ${draft.type} @table(${args.join(', ')})${key} {\n${lines.join('\n')}\n}\n${objects.join('')}`;
}

function printColumn({ name, type, required, from, indexed, hidden, note }: ColumnDraft): string {
  const directives = [indexed ? ' @index' : '', printOrigin(name, from), hidden ? ' @hidden' : ''].join('');
  return `  ${name}: ${printType(type)}${required ? '!' : ''}${directives}${note === undefined ? '' : ` # ${note}`}`;
}

function printOrigin(name: string, from: ColumnDraft['from']): string {
  switch (from.kind) {
    case 'meta':
      return ` @from(meta: ${from.meta})`;
    case 'key':
      return ` @from(key: ${JSON.stringify(pathText(from.path))})`;
    case 'value':
      return from.path.length === 1 && from.path[0] === name
        ? ''
        : ` @from(path: ${JSON.stringify(pathText(from.path))})`;
    default:
      return unreachable(from);
  }
}

function printRelation({ name, target, column, many }: RelationDraft): string {
  return many
    ? `  ${name}: [${target}!]! @relation(references: ["${column}"])`
    : `  ${name}: ${target} @relation(fields: ["${column}"])`;
}

function printType(type: TypeDraft): string {
  switch (type.kind) {
    case 'scalar':
      return type.scalar;
    case 'object':
      return type.name;
    case 'list':
      return `[${printType(type.element)}${type.elementRequired ? '!' : ''}]`;
    default:
      return unreachable(type);
  }
}
