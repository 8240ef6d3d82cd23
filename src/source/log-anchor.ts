import { createHash } from 'node:crypto';

/** Bytes at the start of a file, and before an offset, that tell one incarnation of it from another. */
export const anchorBytes = 1_024;

/** What identifies the bytes before an offset without reading them all: where it stands, its head and its tail. */
export interface Anchor {
  readonly offset: number;
  readonly hash: string;
}

/** `head`: the first bytes of the file, at most `anchorBytes`, none beyond the offset. `tail`: the last ones before it. */
export function makeAnchor(offset: number, head: Uint8Array, tail: Uint8Array): Anchor {
  const hash = createHash('sha256').update(head).update(tail).digest('base64url').slice(0, 22);
  return { offset, hash };
}

export function printAnchor(anchor: Anchor): string {
  return `log:${anchor.offset}:${anchor.hash}`;
}

/** undefined where no embedded log wrote it. */
export function parseAnchor(text: string): Anchor | undefined {
  const match = /^log:(\d{1,16}):([\w-]{22})$/.exec(text);
  if (match === null) return undefined;
  const [, offset = '', hash = ''] = match;
  return { offset: Number(offset), hash };
}
