import { readFileSync } from 'node:fs';

export const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The text of README's block in that language that contains this: tests run what it shows, so that it cannot drift. */
export function readmeBlock(language: string, containing: string): string {
  const blocks = [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  );
  const found = blocks.find((text) => text.includes(containing));
  if (found === undefined) throw new Error(`README has no ${language} block with ${containing}`);
  return found;
}
