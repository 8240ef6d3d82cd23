import { createReadStream, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildCatalog } from '../catalog/build.ts';
import { didYouMean } from '../common/did-you-mean.ts';
import { SetupError } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import { loadSchemaFiles } from '../config/load.ts';
import { brokerOptions } from '../config/option-table.ts';
import type { KafkaSettings } from '../config/kafka-settings.ts';
import { JsonText } from '../model/value.ts';
import { produceToKafka } from '../source/kafka-producer.ts';
import { appendToLog } from '../source/log-writer.ts';
import type { Command, CommandCall } from './command.ts';
import { readRecordLines } from '../source/record-lines.ts';
import type { RecordLine } from '../source/record-lines.ts';

interface Written {
  readonly partition: number;
  readonly offset: number;
}

export const produce: Command = {
  usage: 'TOPIC [--file F] [--kafka HOST:PORT,… | --log DIR]',
  help: `Writes records into a topic of Kafka or of an embedded log. Each line of the file (or of the input) is one:

  {"key": "s1", "value": {"title": "Blue"}}
  {"key": "s1", "value": null}                      deletes the row
  {"key": …, "value": …, "timestamp": 1732183200000, "headers": {"h": "text"}, "partition": 0}

A string key is its text, any other its JSON. Blank lines and remarks (# …) are left out. Stops at a line that is none of this; the
lines before it are written.
Prints the last offset of each partition, in the form that @atLeast(offsets:) takes. Where there is a schema, a topic that no
table of it reads is told.`,
  positionals: ['TOPIC'],
  options: ['schema', ...brokerOptions, 'log'],
  flags: {
    file: { placeholder: 'FILE', help: 'Read the records from this file. Default: the input.' },
    partition: {
      placeholder: 'N',
      help: 'Partition of records that name none. Default: by the key, as other producers do.',
    },
  },
  async run(call) {
    const { options, flags, positionals, cwd, input, out, err } = call;
    const topic = positionals[0] ?? '';
    const partition = readPartition(flags.get('partition'));
    const file = flags.get('file');
    if (typeof file === 'string' && !existsSync(resolve(cwd, file))) {
      throw new SetupError([{ file, message: 'There is no such file.' }]);
    }
    err((await unreadTopic(topic, call)) ?? '');
    const from = typeof file === 'string' ? createReadStream(resolve(cwd, file)) : input;
    const mistakes: Mistake[] = [];
    const lines = readRecordLines(from, typeof file === 'string' ? file : 'input', (mistake) => mistakes.push(mistake));
    const lasts = new Map<number, number>();
    let count = 0;
    const told = ({ partition: at, offset }: Written): void => {
      count += 1;
      lasts.set(at, offset);
    };
    const { source } = options;
    const write =
      source.kind === 'kafka' ? intoKafka(source.kafka, topic) : intoLog(resolve(cwd, source.directory), topic);
    try {
      await write(withPartition(lines, partition), told);
    } finally {
      for (const [at, offset] of [...lasts].toSorted(([a], [b]) => a - b)) {
        out(`${JSON.stringify({ topic, partition: at, offset: String(offset) })}\n`);
      }
      const where =
        source.kind === 'kafka' ? `Kafka at ${source.kafka.brokers.join(',')}` : `the embedded log ${source.directory}`;
      err(`${count === 1 ? 'One record' : `${count} records`} written to ${topic}, ${where}.\n`);
    }
    if (mistakes.length > 0) throw new SetupError(mistakes);
    return 0;
  },
};

/** What to say of a topic that no table reads; nothing where there is no schema to tell by. */
async function unreadTopic(topic: string, { options, given, cwd }: CommandCall): Promise<string | undefined> {
  let topics: readonly string[];
  try {
    const { tables } = buildCatalog(await loadSchemaFiles(options.schema, cwd));
    topics = [...new Set(tables.flatMap(({ bases }) => bases.map((base) => base.topic)))];
  } catch (cause) {
    // Records need no schema, nor one without mistakes; one that was named is to be there.
    if (cause instanceof SetupError && !given.has('schema')) return undefined;
    throw cause;
  }
  if (topics.includes(topic)) return undefined;
  return `No table of the schema reads the topic "${topic}".${didYouMean(topic, topics)} Tables read: ${topics.join(', ')}.\n`;
}

type Write = (pieces: AsyncIterable<readonly RecordLine[]>, told: (written: Written) => void) => Promise<void>;

function intoLog(directory: string, topic: string): Write {
  return async (pieces, told) => {
    for await (const piece of pieces) {
      const records = piece.map(({ key, value, timestampMs, headers, partition }) => ({
        // A text of the same bytes, whatever JSON the key was.
        key: key === null ? undefined : textOf(key),
        value: value === null ? null : new JsonText(textOf(value)),
        timestamp: timestampMs,
        headers: headersOf(headers, null),
        partition,
      }));
      for (const written of appendToLog(directory, topic, records)) told(written);
    }
  };
}

function intoKafka(kafka: KafkaSettings, topic: string): Write {
  return async (pieces, told) => {
    async function* records() {
      for await (const piece of pieces) {
        for (const line of piece) yield { ...line, headers: headersOf(line.headers, '') };
      }
    }
    for (const written of await produceToKafka(kafka, topic, records())) told(written);
  };
}

async function* withPartition(
  pieces: AsyncIterable<readonly RecordLine[]>,
  partition: number | undefined,
): AsyncGenerator<readonly RecordLine[]> {
  for await (const piece of pieces) yield piece.map((line) => ({ ...line, partition: line.partition ?? partition }));
}

function readPartition(given: string | true | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string' && /^\d{1,9}$/.test(given)) return Number(given);
  throw new SetupError([{ message: `--partition expects a whole number from 0, not "${given}".` }]);
}

function headersOf<Null>(
  headers: RecordLine['headers'],
  absent: Null,
): Readonly<Record<string, string | Null>> | undefined {
  if (headers.size === 0) return undefined;
  return Object.fromEntries([...headers].map(([name, bytes]) => [name, bytes === null ? absent : textOf(bytes)]));
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
