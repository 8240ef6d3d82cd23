import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createTestGateway } from '../../src/testing.ts';
import type { TestGateway, TestResult, TestSubscription } from '../../src/testing.ts';
import { parseScenario } from './scenario.ts';
import type { Block } from './scenario.ts';

const directory = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(directory)
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .toSorted();

const scenarios = files.map((file) => ({ file, ...parseScenario(readFileSync(`${directory}${file}`, 'utf8')) }));

test.each(scenarios.map(({ file, title, blocks }) => [file, title, blocks] as const))('%s: %s', (file, _, blocks) =>
  run(file, blocks),
);

test('the index lists every scenario by its title', () => {
  const index = readFileSync(`${directory}README.md`, 'utf8');
  const listed = [...index.matchAll(/^- \[(?<title>.+)\]\((?<file>[\w-]+\.md)\)$/gm)].map(({ groups }) => ({
    ...groups,
  }));
  const byFile = (a: { file?: string }, b: { file?: string }) => String(a.file).localeCompare(String(b.file));
  expect(listed.toSorted(byFile)).toEqual(scenarios.map(({ file, title }) => ({ title, file })).toSorted(byFile));
});

async function run(file: string, blocks: readonly Block[]): Promise<void> {
  const [schema, ...steps] = blocks;
  if (schema?.kind !== 'schema') throw new Error(`${file} begins with a schema`);
  const gateway = await createTestGateway({ schema: schema.text });
  const pushed: unknown[] = [];
  let subscription: TestSubscription | undefined;
  let answer: unknown;
  let position = '';
  const told = (result: TestResult): unknown => {
    position = result.extensions?.position ?? position;
    return dataOf(result);
  };
  try {
    for (const step of steps) {
      const at = `${file}:${step.line}`;
      if (step.kind === 'records') await gateway.produce(step.records);
      else if (step.kind === 'query') answer = told(await gateway.query(placed(step.text, position)));
      else if (step.kind === 'answer') expect(answer, at).toEqual(step.json);
      else if (step.kind === 'subscription') {
        subscription?.stop();
        subscription = await gateway.subscribe(placed(step.text, position));
      } else if (step.kind === 'dropped') expect(dropped(gateway), at).toEqual(step.json);
      else if (step.kind === 'push') expect(pushed.shift(), at).toEqual(step.json);
      await gateway.settled();
      pushed.push(...(subscription?.frames() ?? []).map(told));
    }
    expect(pushed, `${file}: sent and not told of`).toEqual([]);
  } finally {
    await gateway.close();
  }
}

function placed(document: string, position: string): string {
  return document.replaceAll('{{position}}', position);
}

function dataOf(result: TestResult): unknown {
  if (result.errors !== undefined) return { errors: result.errors.map(({ extensions }) => extensions.code) };
  // Rows have no prototype, and would not equal what is in the file.
  return JSON.parse(JSON.stringify(result.data)) as unknown;
}

function dropped(gateway: TestGateway): unknown {
  const snapshot = gateway.store.snapshot();
  try {
    const letters = gateway.catalog.tables.map((table) => [
      table.name,
      snapshot
        .deadLetters(table, 100)
        .toReversed()
        .map(({ code, topic, partition, offset }) => `${code} ${topic}/${partition} at ${offset}`),
    ]);
    return Object.fromEntries(letters.filter(([, told]) => (told as string[]).length > 0));
  } finally {
    snapshot.release();
  }
}
