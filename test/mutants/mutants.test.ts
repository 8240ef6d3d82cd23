import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { mutants } from './mutants.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('every seeded bug finds its line, and its suite is there', () => {
  const lost = mutants.filter(({ file, search }) => readFileSync(`${root}/${file}`, 'utf8').split(search).length !== 2);
  expect(lost.map(({ name, file }) => `${name} (${file})`)).toEqual([]);
  for (const { suite } of mutants) expect(readFileSync(`${root}/${suite}`, 'utf8')).toContain('test');
});
