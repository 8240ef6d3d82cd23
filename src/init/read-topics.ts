import { SetupError } from '../common/errors.ts';
import { readFileRecords, sampleFile } from './sample-file.ts';
import type { LineForm } from './sample-file.ts';
import { inferTables, withKey } from './infer.ts';
import type { Inference, TopicSamples } from './infer.ts';

/** A file with the records of a topic. */
export interface TopicFile {
  readonly topic: string;
  readonly path: string;
  /** As its user named it. */
  readonly file: string;
  /** It is in the log already, and is not written again. */
  readonly inPlace: boolean;
}

export interface ReadFiles {
  readonly inference: Inference;
  /** By topic. */
  readonly forms: ReadonlyMap<string, LineForm>;
  readonly counts: ReadonlyMap<string, number>;
  /** Records of the files that are bad ones for their table: the first of each. */
  readonly bad: readonly { readonly file: string; readonly line: number; readonly reason: string }[];
}

/** Records that did not fit the first guess are asked, too, so many of a file at a time; and so often is guessed anew. */
const maxMisfits = 100;
const maxRounds = 5;

/**
 * The tables of files: guessed from samples, tried on every record, and guessed again with those that did not fit. Throws SetupError
 * for what is no record.
 */
export async function inferFromFiles(
  files: readonly TopicFile[],
  others: readonly TopicSamples[] = [],
): Promise<ReadFiles> {
  const forms = new Map<string, LineForm>();
  let topics: readonly TopicSamples[] = [];
  for (const { topic, path, file, inPlace } of files) {
    const { form, records } = await sampleFile(path, file);
    if (inPlace && form === 'value') {
      const message =
        'A log has records, and this has values alone. Move it out of the log: it is written there as records.';
      throw new SetupError([{ file, message }]);
    }
    forms.set(topic, form);
    topics = [...topics, { topic, records, writesKeys: !inPlace }];
  }
  for (let round = 1; ; round += 1) {
    const inference = inferTables([...topics, ...others]);
    const { misfits, counts, bad } = await tryFiles(files, forms, inference);
    const isKnown = topics.every(({ topic }) => (misfits.get(topic) ?? []).length === 0);
    if (isKnown || round === maxRounds) return { inference, forms, counts, bad };
    topics = topics.map((each) => ({ ...each, records: [...each.records, ...(misfits.get(each.topic) ?? [])] }));
  }
}

async function tryFiles(
  files: readonly TopicFile[],
  forms: ReadonlyMap<string, LineForm>,
  { drafts, tryRecord, refused }: Inference,
) {
  const misfits = new Map<string, TopicSamples['records'][number][]>();
  const counts = new Map<string, number>();
  const bad: { file: string; line: number; reason: string }[] = [];
  for (const { topic, path, file } of files) {
    const draft = drafts.find((each) => each.topic === topic);
    const attempt = draft && tryRecord.get(draft.type);
    // What no type could hold is bad whatever is guessed.
    const hopeless = new Set((draft && refused.get(draft.type))?.map(({ code, column }) => `${code} ${column}`));
    const found: TopicSamples['records'][number][] = [];
    let count = 0;
    for await (const piece of readFileRecords(path, file, forms.get(topic) ?? 'record')) {
      for (const { line, record } of piece) {
        count += 1;
        const refusal = draft && attempt?.(withKey(draft, record));
        if (refusal === undefined) continue;
        if (!bad.some((each) => each.file === file)) bad.push({ file, line, reason: refusal.reason });
        if (found.length < maxMisfits && !hopeless.has(`${refusal.code} ${refusal.column}`)) found.push(record);
      }
    }
    counts.set(topic, count);
    misfits.set(topic, found);
  }
  return { misfits, counts, bad };
}
