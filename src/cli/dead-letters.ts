import { resolve } from 'node:path';
import { buildCatalog } from '../catalog/build.ts';
import type { Catalog, Table } from '../catalog/catalog.ts';
import { readTables } from '../catalog/dependencies.ts';
import { SetupError } from '../common/errors.ts';
import { loadSchemaFiles } from '../config/load.ts';
import { brokerOptions } from '../config/option-table.ts';
import type { Options } from '../config/options.ts';
import { deadLettersOf } from '../query/serving.ts';
import { isInternal } from '../query/visible.ts';
import { openSource } from '../source/open-source.ts';
import { recordAt } from '../source/record-at.ts';
import { showRecord } from '../source/show-record.ts';
import type { KeptLetter } from '../store/store.ts';
import type { Command } from './command.ts';
import { findTable } from './find-table.ts';
import { isOfRecord, letterPlace } from './letter-place.ts';
import { openToRead } from './open-to-read.ts';

const defaultLimit = 10;

export const deadLetters: Command = {
  usage: 'TABLE [--limit N] [--schema GLOB] [--data DIR] [--kafka HOST:PORT,… | --log DIR]',
  help: `Shows the newest dead letters of a table: where each stands in its topic and what is wrong with it, then the record itself,
read again from the topic. Records are lines as headgate produce takes them: mended, they can be written again, reasons and
all. They stay counted: the record that is wrong stays in the topic. What the topic no longer holds cannot be shown. A derived table
has letters of its own (LATE, say); records that did not become rows are with the tables that it is built from, which are named. For
operators: it reads the folder of the store, whether or not a gateway is running.`,
  positionals: ['TABLE'],
  options: ['schema', 'data', ...brokerOptions, 'log'],
  flags: { limit: { placeholder: 'N', help: `So many of the newest. Default: ${defaultLimit}.` } },
  async run({ options, cwd, positionals, flags, out, err }) {
    const catalog = buildCatalog(await loadSchemaFiles(options.schema, cwd));
    const table = findTable(catalog, positionals[0] ?? '', (each) => !isInternal(each));
    const { letters, upstream } = await readLetters(catalog, table, options, cwd, readLimit(flags));
    if (letters.length === 0) err(`${table.name} has no dead letters.\n`);
    const { source } = options;
    const from = source.kind === 'log' ? { ...source, directory: resolve(cwd, source.directory) } : source;
    for (const letter of letters) {
      out(`# ${letterPlace(table, letter)}: ${letter.code}, ${letter.reason}\n`);
      if (!isOfRecord(table, letter)) continue;
      const record = await recordAt(openSource(from), letter);
      out(typeof record === 'string' ? `# It cannot be shown: ${record}.\n` : `${showRecord(record)}\n`);
    }
    if (upstream.length > 0) err(`${table.name} is built from ${upstream.map(upstreamText).join(', ')}.\n`);
    return 0;
  },
};

/** A table that another one is built from, and how many dead letters it has. */
interface Upstream {
  readonly name: string;
  readonly count: number;
}

interface Letters {
  readonly letters: readonly KeptLetter[];
  readonly upstream: readonly Upstream[];
}

async function readLetters(
  catalog: Catalog,
  table: Table,
  { data }: Options,
  cwd: string,
  limit: number,
): Promise<Letters> {
  const store = openToRead(catalog, data, cwd);
  const snapshot = store.snapshot();
  try {
    const upstream = upstreamOf(catalog, table).map((each) => ({
      name: each.name,
      count: deadLettersOf(catalog, each, snapshot, Infinity).length,
    }));
    return { letters: deadLettersOf(catalog, table, snapshot, limit), upstream };
  } finally {
    snapshot.release();
    await store.close();
  }
}

/** Through however many tables between, the nearest first. */
function upstreamOf(catalog: Catalog, table: Table): readonly Table[] {
  const found = new Set([table]);
  for (const each of found) for (const read of readTables(catalog.tablesByName, each)) found.add(read);
  return [...found].filter((each) => each !== table && !isInternal(each));
}

function upstreamText({ name, count }: Upstream): string {
  if (count === 0) return `${name}, which has none`;
  return `${name}, which has ${count === 1 ? 'one' : count} (headgate dead-letters ${name})`;
}

function readLimit(flags: ReadonlyMap<string, string | true>): number {
  const given = flags.get('limit');
  if (given === undefined) return defaultLimit;
  if (typeof given === 'string' && /^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new SetupError([{ message: `--limit expects a whole number from 1, not "${given}".` }]);
}
