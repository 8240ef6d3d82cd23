import { Writable } from 'node:stream';
import { createInterface } from 'node:readline/promises';
import { SetupError } from '../common/errors.ts';
import type { CommandCall } from './command.ts';
import type { InitAnswers } from './init-answers.ts';

export interface Asking {
  /** Where records are was said already. */
  readonly isEnough: boolean;
  readonly hasPage: boolean;
  /** Files that records could be in. */
  readonly found: readonly string[];
}

/** Asks for what was not said: two or three questions, each with an answer that Enter takes. Throws SetupError where the input ends. */
export async function askForProject(call: CommandCall, said: InitAnswers, asking: Asking): Promise<InitAnswers> {
  const { input, out } = call;
  // What is typed is shown by the terminal; what is asked goes where the command's output goes.
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      out(chunk.toString());
      done();
    },
  });
  const lines = createInterface({ input, output });
  const ended = new Promise<never>((_, reject) => {
    lines.once('close', () => reject(new SetupError([{ message: 'Not asked to the end: nothing was written.' }])));
  });
  ended.catch(() => {});
  const ask = async (question: string, usual: string): Promise<string> => {
    const answer = await Promise.race([lines.question(`${question} [${usual}] `), ended]);
    return answer.trim() === '' ? usual : answer.trim();
  };
  const split = (answer: string) => answer.split(/[\s,]+/).filter((each) => each !== '' && each !== 'none');
  try {
    let { files, topics } = said;
    if (!asking.isEnough && said.kafka) {
      topics = split(await ask('Which topics of Kafka?', 'none'));
    } else if (!asking.isEnough) {
      files = split(await ask('Files with sample records, NDJSON?', asking.found.join(' ') || 'none'));
      if (files.length === 0) topics = split(await ask('No files: a topic with made-up records, called?', 'songs'));
    }
    const page = asking.hasPage
      ? said.page
      : /^(y|yes|react)$/i.test(await ask('A React page that shows them live? yes or no', 'yes'));
    return { files, topics, kafka: said.kafka, page };
  } finally {
    lines.close();
  }
}
