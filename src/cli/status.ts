import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildCatalog } from '../catalog/build.ts';
import { isTopicTable } from '../catalog/catalog.ts';
import type { Catalog, Table } from '../catalog/catalog.ts';
import { SetupError, unreachable } from '../common/errors.ts';
import { loadSchemaFiles } from '../config/load.ts';
import { lagOf } from '../query/lag.ts';
import { badRecords, deadLettersOf, servingState } from '../query/serving.ts';
import { inputsOf, isInternal } from '../query/visible.ts';
import type { Snapshot, Store } from '../store/store.ts';
import { reportStored } from '../store/stored-report.ts';
import { askLag } from './ask-lag.ts';
import type { Lag } from './ask-lag.ts';
import type { Command, CommandCall } from './command.ts';
import { letterPlace } from './letter-place.ts';
import { openToRead } from './open-to-read.ts';
import { gatewayHelp } from './reach-gateway.ts';
import { columns, gapsText, offsetsText, statusHeads, statusLines, storeLine } from './status-lines.ts';
import { storedStatusText } from './stored-status.ts';

/** Newest dead letters shown of each table. */
const shownLetters = 3;

export const status: Command = {
  usage: '[--schema GLOB] [--data DIR] [--host H] [--port N]',
  help: `Shows the tables of a store: phase, rows, next offsets, bad records with the newest dead letters. Lag is shown where a
gateway is running at --host and --port; the rest is read from the store itself. Where the schema has a mistake, or the store was written for
another one, status says so, tells what the store alone can tell, and ends with code 1.

Where the gateway identifies callers, status shows it the token in HEADGATE_TOKEN, or the API key in HEADGATE_API_KEY, and has the lag
of the tables that this caller may read. They are no flags: other users of the machine can read the command line.`,
  positionals: [],
  options: ['schema', 'data', 'host', 'port'],
  optionHelp: gatewayHelp,
  flags: {},
  async run(call) {
    let fit: Fit;
    try {
      fit = await openFit(call);
    } catch (cause) {
      return tellStored(call, cause);
    }
    try {
      call.out(statusText(fit.catalog, fit.store, await tellLag(call)));
      return 0;
    } finally {
      await fit.store.close();
    }
  },
};

/** A store and the schema that it was written for. */
interface Fit {
  readonly catalog: Catalog;
  readonly store: Store;
}

async function openFit({ options, cwd }: CommandCall): Promise<Fit> {
  const catalog = buildCatalog(await loadSchemaFiles(options.schema, cwd));
  return { catalog, store: openToRead(catalog, options.data, cwd) };
}

/** Where the schema does not help: `cause` says why, and is all there is to say where there is no store either. */
async function tellStored(call: CommandCall, cause: unknown): Promise<number> {
  if (!(cause instanceof SetupError)) throw cause;
  const directory = resolve(call.cwd, call.options.data);
  const report = existsSync(directory) ? await reportStored(directory).catch(() => undefined) : undefined;
  if (report === undefined) throw cause;
  call.err(`${cause.message}\n\nWhat the store itself tells, of the tables that it was written for:\n\n`);
  call.out(storedStatusText(report, await tellLag(call)));
  return 1;
}

async function tellLag({ options, env, out }: CommandCall): Promise<Lag> {
  const lag = await askLag(options, env);
  if (lag.kind === 'unknown') out(`lag is unknown: ${lag.why}\n\n`);
  return lag;
}

function statusText(catalog: Catalog, store: Store, lag: Lag): string {
  const snapshot = store.snapshot();
  try {
    const tables = catalog.tables.filter((table) => !isInternal(table));
    const rows = tables.map((table) => {
      const bad = [...badRecords(catalog, table, snapshot).values()].reduce((sum, count) => sum + count, 0);
      return [
        table.name,
        servingState(table, snapshot).phase,
        table.kept ? String(snapshot.count(table)) : '-',
        origin(catalog, table),
        nextOffsets(table, snapshot),
        lagText(lag, table, snapshot),
        String(bad),
      ];
    });
    const lines = columns([statusHeads, ...rows]);
    const notes = tables.flatMap((table) => {
      const { reason, gaps } = servingState(table, snapshot);
      const letters = deadLettersOf(catalog, table, snapshot, Infinity);
      const left = isTopicTable(table) ? [] : [...badRecords(catalog, table, snapshot)];
      const more = letters.length - shownLetters;
      return [
        ...(reason === undefined ? [] : [`${table.name}: ${reason}`]),
        ...(table.sink === undefined ? [] : [`${table.name}: ${sinkText(table, table.sink.topic, snapshot)}`]),
        ...gapsText(table.name, gaps),
        ...(left.length === 0
          ? []
          : [
              `${table.name}: records left out, by reason: ${left.map(([code, count]) => `${code} ${count}`).join(', ')}`,
            ]),
        ...letters
          .slice(0, shownLetters)
          .map(
            (letter) => `${table.name}: dead letter ${letterPlace(table, letter)}: ${letter.code}, ${letter.reason}`,
          ),
        ...(more > 0 ? [`${table.name}: and ${more} older dead ${more === 1 ? 'letter' : 'letters'}`] : []),
      ];
    });
    return statusLines(storeLine(snapshot.storeId, snapshot.version, store.size()), lines, notes);
  } finally {
    snapshot.release();
  }
}

/** Nothing where not all topics of the table are known. */
function lagText(lag: Lag, table: Table, snapshot: Snapshot): string {
  switch (lag.kind) {
    case 'tables':
      return String(lag.lags.get(table.name) ?? '-');
    case 'ends': {
      if (!table.bases.every(({ topic }) => lag.ends.has(topic))) return '-';
      return String(lagOf(table, snapshot, lag).reduce((sum, { records }) => sum + records, 0));
    }
    case 'unknown':
      return '-';
    default:
      return unreachable(lag);
  }
}

/** How far the topic of a table's sink is behind it. */
function sinkText(table: Table, topic: string, snapshot: Snapshot): string {
  if (snapshot.sinkState(table)?.sent === undefined) return `topic ${topic} has not been brought up to it yet`;
  const lag = snapshot.sinkLag(table);
  return lag === 0 ? `topic ${topic} has all its changes` : `topic ${topic} is ${lag} versions behind`;
}

/** The topic, or the table that it is derived from. */
function origin(catalog: Catalog, table: Table): string {
  if (isTopicTable(table)) return table.topic;
  const source = inputsOf(catalog, table) ?? table;
  return `from ${source.derivation?.source ?? ''}`;
}

function nextOffsets(table: Table, snapshot: Snapshot): string {
  return offsetsText((isTopicTable(table) ? snapshot.offsets(table).get(table.topic) : undefined) ?? new Map());
}
