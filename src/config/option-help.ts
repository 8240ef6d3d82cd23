import type { OptionSpec } from './option-spec.ts';
import { envOf, flagOf, limitTable, optionSpec } from './option-table.ts';
import type { OptionName } from './option-table.ts';
import { securityTable } from './security-table.ts';

/** From so many lines on, they are in sections. */
const manyLines = 15;

const sections = ['', 'Records', 'Callers and security', 'Limits'] as const;

/** What some settings are to one command, where that is something else than what they are to a gateway. */
export type OwnHelp = Readonly<Partial<Record<OptionName, string>>>;

/** Help on settings: a line each, with flag (if it has one), default and environment variable. */
export function optionHelp(names: readonly OptionName[], own: OwnHelp = {}): string {
  const rowOf = (name: OptionName) => optionRow(name, own[name]);
  if (names.length < manyLines) return helpTable(names.map(rowOf));
  return sections
    .flatMap((section) => {
      const rows = names.filter((name) => sectionOf(name) === section).map(rowOf);
      return rows.length === 0 ? [] : [section === '' ? helpTable(rows) : `${section}:\n${helpTable(rows)}`];
    })
    .join('\n\n');
}

function sectionOf(name: OptionName): (typeof sections)[number] {
  if (name in limitTable) return 'Limits';
  if (name.startsWith('kafka.') || name === 'log') return 'Records';
  return name in securityTable ? 'Callers and security' : '';
}

function optionRow(name: OptionName, help: string | undefined): readonly [string, string] {
  const spec = optionSpec(name);
  const { placeholder } = spec.kind;
  const flag = flagOf(name);
  const variable = envOf(name);
  const text = `${help ?? spec.help}${defaultText(spec)}`;
  if (variable === undefined) return [name, `${text} Only in headgate.config.`];
  // A secret: its variable, or that of a file.
  if (flag === undefined) return [`${variable}[_FILE]`, text];
  return [`--${flag}${placeholder === '' ? '' : ` ${placeholder}`}`, `${text} [${variable}]`];
}

/** Two columns; a long first one has a line of its own. */
export function helpTable(rows: readonly (readonly [string, string])[]): string {
  const width = 30;
  return rows
    .map(([left, right]) => `  ${left.length < width ? left.padEnd(width) : `${left}\n  ${' '.repeat(width)}`}${right}`)
    .join('\n');
}

function defaultText({ default: fallback }: OptionSpec<unknown>): string {
  if (fallback === undefined || fallback === false || (Array.isArray(fallback) && fallback.length === 0)) return '';
  return ` Default: ${Array.isArray(fallback) ? fallback.join(',') : String(fallback)}.`;
}
