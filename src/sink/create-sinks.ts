import type { Catalog, Table } from '../catalog/catalog.ts';
import { SetupError } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import type { Sinks, SinkOptions } from './sink.ts';
import { TableSink } from './table-sink.ts';

/**
 * Throws SetupError where a sink's topic is one that a table reads, or that another sink writes. Called before the store is opened.
 * The schema's check finds that with its place; but what is written must not be read again, whoever made the catalog.
 */
export function checkSinks(catalog: Catalog): void {
  const mistakes = findMistakes(catalog);
  if (mistakes.length > 0) throw new SetupError(mistakes);
}

export function createSinks(options: SinkOptions): Sinks {
  const sinks = tablesWithSink(options.catalog).map((table) => new TableSink(table, options));
  return {
    start() {
      for (const sink of sinks) sink.start();
    },
    committed(result) {
      for (const sink of sinks) sink.committed(result);
    },
    async close() {
      await Promise.all(sinks.map((sink) => sink.close()));
    },
  };
}

function tablesWithSink({ tables }: Catalog): readonly Table[] {
  return tables.filter(({ sink }) => sink !== undefined);
}

function findMistakes(catalog: Catalog): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const writers = new Map<string, string>();
  for (const { name, sink } of tablesWithSink(catalog)) {
    if (sink === undefined) continue;
    const { topic } = sink;
    const readers = catalog.topicTables.filter((table) => table.topic === topic).map((table) => table.name);
    const other = writers.get(topic);
    if (readers.length > 0) {
      mistakes.push({
        message: `The sink of ${name} is topic ${topic}, which ${readers.join(', ')} is made from. Name another topic.`,
      });
    } else if (other !== undefined) {
      mistakes.push({ message: `Topic ${topic} is the sink of ${other} and of ${name}. Give each one of its own.` });
    }
    writers.set(topic, name);
  }
  return mistakes;
}
