import { decodePosition } from '../../src/model/position.ts';
import type { Offsets } from './naive.ts';

/** A position as the oracle uses it. */
export interface Token {
  readonly version: number;
  readonly offsets: Offsets;
}

export function decodeToken(text: string): Token {
  const { version, offsets } = decodePosition(text);
  const flat = [...offsets].flatMap(([topic, partitions]) =>
    [...partitions].map(([partition, next]) => [`${topic}/${partition}`, next] as const),
  );
  return { version, offsets: new Map(flat) };
}

/** What is wrong with a position: it names all topics of the operation, each as far as its commit was. */
export function disagreement(token: Token, topics: ReadonlySet<string>, offsets: Offsets): string | undefined {
  for (const [id, next] of offsets) {
    const topic = id.slice(0, id.lastIndexOf('/'));
    const told = token.offsets.get(id);
    if (topics.has(topic) && told !== next) return `${id} is at ${told}, and its commit at ${next}`;
  }
  return undefined;
}
