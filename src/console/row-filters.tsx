import { useState } from 'react';
import { readOperand } from './operands.ts';
import type { RowFilter } from './row-query.ts';
import type { FilterColumn, Operand } from './sdl.ts';

const words: Readonly<Record<string, string>> = {
  eq: 'is',
  neq: 'is not',
  in: 'is one of',
  notIn: 'is none of',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  contains: 'contains',
  startsWith: 'starts with',
  endsWith: 'ends with',
  isNull: 'is null',
  isEmpty: 'is empty',
  has: 'has',
  hasSome: 'has one of',
  hasEvery: 'has all of',
};
const word = (operator: string): string => words[operator] ?? operator;

export interface RowFiltersProps {
  readonly columns: readonly FilterColumn[];
  readonly filters: readonly RowFilter[];
  onChange(filters: readonly RowFilter[]): void;
}

/** Conditions that all hold, and a line to add one. */
export function RowFilters({ columns, filters, onChange }: RowFiltersProps) {
  if (columns.length === 0) return null;
  return (
    <div className="filters">
      {filters.map((filter, index) => (
        <span key={JSON.stringify(filter)} className="filter">
          <span>
            {filter.column} <em>{word(filter.operator)}</em> {textOf(filter.value)}
          </span>
          <button type="button" onClick={() => onChange(filters.filter((_, each) => each !== index))}>
            <span aria-hidden="true">×</span>
            <span className="hidden">Remove the filter on {filter.column}</span>
          </button>
        </span>
      ))}
      <NewFilter
        columns={columns}
        onAdd={(filter) => onChange([...filters.filter((each) => !isSame(each, filter)), filter])}
      />
    </div>
  );
}

function isSame(a: RowFilter, b: RowFilter): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(textOf).join(', ') : JSON.stringify(value);
}

interface NewFilterProps {
  readonly columns: readonly FilterColumn[];
  onAdd(filter: RowFilter): void;
}

function NewFilter({ columns, onAdd }: NewFilterProps) {
  const [chosen, choose] = useState<string>();
  const [operator, setOperator] = useState('eq');
  const [text, setText] = useState('');
  const [mistake, setMistake] = useState<string>();
  // With another schema, columns may be others.
  const column = columns.find(({ name }) => name === chosen) ?? columns[0];
  const operands = column?.operands ?? new Map<string, Operand>();
  const operand = operands.get(operator) ?? [...operands.values()][0];
  const known = operands.has(operator) ? operator : ([...operands.keys()][0] ?? '');
  const choices = operand === undefined ? undefined : choicesOf(operand);
  const value = choices === undefined || choices.includes(text) ? text : (choices[0] ?? '');

  function add(): void {
    if (column === undefined || operand === undefined) return;
    const read = readOperand(value, operand);
    if ('mistake' in read) return setMistake(read.mistake);
    setMistake(undefined);
    setText('');
    onAdd({ column: column.name, operator: known, value: read.value });
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <select aria-label="Column" value={column?.name} onChange={({ target }) => choose(target.value)}>
        {columns.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select aria-label="Operator" value={known} onChange={({ target }) => setOperator(target.value)}>
        {[...operands.keys()].map((name) => (
          <option key={name} value={name}>
            {word(name)}
          </option>
        ))}
      </select>
      {choices === undefined ? (
        <input
          aria-label="Value"
          placeholder={operand?.many === true ? 'value, value, …' : (operand?.type ?? '')}
          value={text}
          aria-invalid={mistake !== undefined}
          onChange={({ target }) => setText(target.value)}
        />
      ) : (
        <select aria-label="Value" value={value} onChange={({ target }) => setText(target.value)}>
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      )}
      <button type="submit">Add filter</button>
      {mistake !== undefined && (
        <span className="mistake" role="alert">
          {mistake}
        </span>
      )}
    </form>
  );
}

function choicesOf({ type, many, choices }: Operand): readonly string[] | undefined {
  if (many) return undefined;
  return type === 'Boolean' ? ['true', 'false'] : choices;
}
