import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { SetupError } from '../common/errors.ts';
import { withKey } from '../init/infer.ts';
import type { TopicSamples } from '../init/infer.ts';
import { makeProject } from '../init/project.ts';
import type { TableDraft } from '../init/draft.ts';
import type { ReadFiles, TopicFile } from '../init/read-topics.ts';
import { readFileRecords } from '../init/sample-file.ts';
import { sampleCommand, shellWord } from '../init/sample-command.ts';
import { JsonText } from '../model/value.ts';
import type { RecordLine } from '../source/record-lines.ts';
import { appendToLog } from '../source/log-writer.ts';
import { topicFile } from '../source/log-files.ts';
import type { CommandCall } from './command.ts';
import type { InitAnswers } from './init-answers.ts';

export interface InitResult {
  readonly directory: string;
  readonly answers: InitAnswers;
  readonly files: readonly TopicFile[];
  readonly read: ReadFiles;
  readonly samples: readonly TopicSamples[];
}

/** Writes the project and its log, or nothing; says what was guessed and what to do next. Throws SetupError with files that are there. */
export async function writeProject(call: CommandCall, result: InitResult): Promise<number> {
  const { directory, answers, files, read, samples } = result;
  const { drafts } = read.inference;
  const { source } = call.options;
  const produce = sampleCommand(drafts[0], await firstRecord(result));
  const project = makeProject({
    name:
      basename(directory)
        .toLowerCase()
        .replaceAll(/[^a-z0-9._-]+/g, '-')
        .replace(/^[._]+/, '') || 'headgate-project',
    drafts,
    kafka: answers.kafka && source.kind === 'kafka' ? source.kafka.brokers : undefined,
    page: answers.page,
    produce,
    manifest: textOf(join(directory, 'package.json')),
    ignored: textOf(join(directory, '.gitignore')),
  });
  const log = join(directory, 'log');
  const written = files.filter(({ inPlace }) => !inPlace);
  const madeUp = answers.kafka ? [] : samples;
  const inLog = [...written, ...madeUp].map(({ topic }) => topicFile(log, topic));
  refuseExisting(call, [...[...project.created.keys()].map((file) => join(directory, file)), ...inLog]);
  for (const { topic, path, file } of written) {
    const draft = drafts.find((each) => each.topic === topic);
    for await (const piece of readFileRecords(path, file, read.forms.get(topic) ?? 'record')) {
      append(
        log,
        topic,
        draft,
        piece.map(({ record }) => record),
      );
    }
  }
  for (const { topic, records } of madeUp) append(log, topic, undefined, records);
  for (const [file, text] of [...project.created, ...project.merged]) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    // A link that leads nowhere is not there, and would be followed.
    writeFileSync(join(directory, file), text, { flag: project.created.has(file) ? 'wx' : 'w' });
  }
  report(call, result, [...project.created.keys(), ...project.merged.keys()], inLog, project.remarks, produce);
  return 0;
}

/** The first row that there is: what a command to write another is made from. */
async function firstRecord({ files: [file], read, samples }: InitResult): Promise<RecordLine | undefined> {
  const isRow = ({ value }: RecordLine) => value !== null;
  if (file === undefined) return samples[0]?.records.find(isRow);
  for await (const piece of readFileRecords(file.path, file.file, read.forms.get(file.topic) ?? 'record')) {
    const found = piece.find(({ record }) => isRow(record));
    const draft = read.inference.drafts.find(({ topic }) => topic === file.topic);
    if (found !== undefined && draft !== undefined) return withKey(draft, found.record);
  }
  return undefined;
}

function refuseExisting({ cwd }: CommandCall, paths: readonly string[]): void {
  const existing = paths.filter((path) => existsSync(path));
  if (existing.length === 0) return;
  const names = existing.map((path) => shownPath(cwd, path)).join(', ');
  const message = `Nothing was written, because these are there already: ${names}. Name another folder (headgate init DIR), or move them away.`;
  throw new SetupError([{ message }]);
}

function append(log: string, topic: string, draft: TableDraft | undefined, records: readonly RecordLine[]): void {
  const lines = records.map((record) => (draft === undefined ? record : withKey(draft, record)));
  appendToLog(
    log,
    topic,
    lines.map(({ key, value, timestampMs, headers }) => ({
      key: key === null ? undefined : Buffer.from(key).toString(),
      value: value === null ? null : new JsonText(Buffer.from(value).toString()),
      timestamp: timestampMs,
      headers:
        headers.size === 0
          ? undefined
          : Object.fromEntries([...headers].map(([name, text]) => [name, text && Buffer.from(text).toString()])),
    })),
  );
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function report(
  { cwd, out }: CommandCall,
  { directory, answers, read, samples }: InitResult,
  files: readonly string[],
  inLog: readonly string[],
  remarks: readonly string[],
  produce: string,
): void {
  const { drafts, relaxed, refused } = read.inference;
  const width = Math.max(...drafts.map(({ type }) => type.length));
  const counts = new Map([...read.counts, ...samples.map(({ topic, records }) => [topic, records.length] as const)]);
  for (const draft of drafts) {
    const count = counts.get(draft.topic) ?? 0;
    const mode = draft.mode === 'APPEND' ? 'every record a row' : `a row for each ${draft.key.join(' and ')}`;
    out(
      `  ${draft.type.padEnd(width)}  ${draft.topic}, ${count === 1 ? 'one record' : `${count} records`}: ${mode}: ${draft.reasons.join('; ')}\n`,
    );
    for (const what of relaxed.get(draft.type) ?? []) out(`  ${''.padEnd(width)}  ${what}\n`);
    const [bad, ...more] = refused.get(draft.type) ?? [];
    if (bad !== undefined && read.bad.length === 0) {
      out(`  ${''.padEnd(width)}  ${more.length + 1} of the samples are bad records: ${bad.reason}\n`);
    }
  }
  for (const { file, line, reason } of read.bad)
    out(`  ${file}:${line}: this is a bad record, passed over and told: ${reason}\n`);
  out(
    `\nWritten in ${shownPath(cwd, directory)}: ${[...files, ...inLog.map((path) => shownPath(directory, path))].join(', ')}\n`,
  );
  for (const remark of remarks) out(`${remark}\n`);
  const where = shownPath(cwd, directory);
  const steps = [...(where === '.' ? [] : [`cd ${shellWord(where)}`]), 'npm install', 'npm run dev'];
  out(`\nNext:\n${steps.map((step) => `  ${step}\n`).join('')}`);
  const page = answers.page
    ? 'The page is where Vite says. When the schema or its document changes: npm run codegen'
    : 'GraphiQL is at http://127.0.0.1:4000/graphql';
  out(`${page}. To see a row arrive:\n  ${produce}\n`);
}

/** As its user would write it from where they are. */
function shownPath(from: string, path: string): string {
  return relative(from, path) || '.';
}
