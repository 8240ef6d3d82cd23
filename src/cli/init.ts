import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { SetupError } from '../common/errors.ts';
import type { CommandFlag } from '../config/argv.ts';
import { brokerOptions } from '../config/option-table.ts';
import { isTopicName, topicFile } from '../source/log-files.ts';
import { createKafkaSource } from '../source/kafka.ts';
import { inferFromFiles } from '../init/read-topics.ts';
import type { TopicFile } from '../init/read-topics.ts';
import { madeUpRecords } from '../init/made-up-records.ts';
import { sampleTopics } from '../init/sample-topics.ts';
import type { TopicSamples } from '../init/infer.ts';
import type { InitAnswers } from './init-answers.ts';
import { askForProject } from './init-questions.ts';
import { writeProject } from './init-write.ts';
import type { Command, CommandCall } from './command.ts';

/** Of each topic of a broker: so many of its first and of its last records. */
const recordsPerTopic = 500;

const flags: Readonly<Record<string, CommandFlag>> = {
  file: {
    placeholder: 'FILE',
    list: true,
    help: 'Sample records of a topic, NDJSON; may be given several times. They go into the embedded log.',
  },
  topic: {
    placeholder: 'NAME',
    list: true,
    help: "The topic: one for each file (default: the file's name), or those to look at in Kafka. Alone: made-up records.",
  },
  page: {
    placeholder: 'react|none',
    help: 'A page that shows the first table live. Default: none; when asked, react.',
  },
  yes: { placeholder: '', help: 'Asks nothing.' },
};

export const init: Command = {
  usage: '[DIR] [--file FILE …] [--topic NAME …] [--kafka HOST:PORT,…] [--page react|none] [--yes]',
  help: `Makes a project of tables that are guessed from sample records: schema/*.graphql, headgate.config.mjs, package.json, and with
--page react a page that shows the first table live. Asks for what is not said, where it can. Files that are there are not written over.

A line of a file is a record as headgate produce takes it, or its value alone; the first line decides:

  {"key": "s1", "value": {"title": "Blue"}, "timestamp": 1732183200000}
  {"id": "s1", "title": "Blue"}                     gets its id as key

Every sample becomes a row of the schema that is written; what was guessed, and why, is told.`,
  positionals: [],
  optionals: ['DIR'],
  options: brokerOptions,
  flags,
  async run(call) {
    const directory = resolve(call.cwd, call.positionals[0] ?? '.');
    const answers = await answersOf(call, directory);
    const files = topicFiles(answers, call.cwd, directory);
    const samples = await otherSamples(answers, call);
    const read = await inferFromFiles(files, samples);
    return writeProject(call, { directory, answers, files, read, samples });
  },
};

/** What a command line says, or its user. Throws SetupError where neither can. */
async function answersOf(call: CommandCall, directory: string): Promise<InitAnswers> {
  const { flags: given, given: settings } = call;
  const kafka = settings.has('kafka.brokers');
  const files = listOf(given.get('file'));
  const topics = listOf(given.get('topic'));
  const page = given.get('page');
  if (page !== undefined && page !== 'react' && page !== 'none') {
    throw new SetupError([{ message: `--page is react or none, not "${page}".` }]);
  }
  const said = { topics, files, kafka, page: page === 'react' };
  const isEnough = files.length > 0 || topics.length > 0;
  const isTerminal = (call.input as { readonly isTTY?: boolean }).isTTY === true;
  if (isTerminal && !given.has('yes') && (!isEnough || page === undefined)) {
    return askForProject(call, said, { isEnough, hasPage: page !== undefined, found: recordFiles(directory) });
  }
  if (isEnough) return said;
  const found = recordFiles(directory).map((file) => ` --file ${file}`);
  const example = found.length > 0 ? found.join('') : ' --file songs.ndjson';
  throw new SetupError([
    {
      message:
        `There is nobody to ask here: say where records are. headgate init${example}, or --kafka HOST:PORT --topic NAME; ` +
        '--topic NAME alone makes records up. headgate init --help tells more.',
    },
  ]);
}

function listOf(given: string | true | undefined): readonly string[] {
  return typeof given === 'string' ? given.split(',').filter((each) => each !== '') : [];
}

/** What a folder has that records could be in. */
function recordFiles(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).filter((name) => /\.(ndjson|jsonl)$/.test(name));
}

/** Throws SetupError with every file that is not there, and every topic that cannot be. */
function topicFiles({ files, topics, kafka }: InitAnswers, cwd: string, directory: string): readonly TopicFile[] {
  if (files.length > 0 && kafka) {
    throw new SetupError([{ message: 'Records come from files or from Kafka: give --file or --kafka, not both.' }]);
  }
  if (files.length > 0 && topics.length > 0 && topics.length !== files.length) {
    throw new SetupError([
      { message: `Each --file has a --topic, or none has: these are ${files.length} and ${topics.length}.` },
    ]);
  }
  const names = topics.length > 0 || files.length === 0 ? topics : files.map(topicOf);
  const mistakes = [
    ...files.flatMap((file) => (existsSync(resolve(cwd, file)) ? [] : [{ file, message: 'There is no such file.' }])),
    ...names.flatMap((name) =>
      isTopicName(name) ? [] : [{ message: `"${name}" cannot be a topic: letters, digits, ".", "_" and "-".` }],
    ),
    ...names.flatMap((name, i) =>
      names.indexOf(name) === i ? [] : [{ message: `The topic "${name}" is given twice.` }],
    ),
  ];
  if (mistakes.length > 0) throw new SetupError(mistakes);
  return files.map((file, i) => {
    const topic = names[i] ?? '';
    const path = resolve(cwd, file);
    return { topic, path, file, inPlace: path === topicFile(join(directory, 'log'), topic) };
  });
}

/** `data/Order lines.ndjson` gives `Order-lines`. */
function topicOf(file: string): string {
  return basename(file)
    .replace(/\.(ndjson|jsonl|json|txt)$/, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-');
}

async function otherSamples(
  { topics, files, kafka }: InitAnswers,
  { options, err }: CommandCall,
): Promise<readonly TopicSamples[]> {
  if (files.length > 0) return [];
  const { source } = options;
  if (!kafka || source.kind !== 'kafka') {
    return topics.map((topic) => ({ topic, records: madeUpRecords(topic), writesKeys: true }));
  }
  if (topics.length === 0) throw new SetupError([{ message: 'Say which topics of Kafka: --topic NAME.' }]);
  err(`Looking at ${topics.join(', ')} in Kafka at ${source.kafka.brokers.join(', ')} …\n`);
  const records = await sampleTopics(() => createKafkaSource(source.kafka), topics, { recordsPerTopic });
  return topics.map((topic) => ({ topic, records: records.get(topic) ?? [], writesKeys: false }));
}
