import { Kind, getLocation } from 'graphql';
import type { ASTNode, StringValueNode } from 'graphql';
import type { Mistake } from '../common/errors.ts';

/** Collects the mistakes of a schema, each at the node that has to be changed. */
export class Report {
  readonly #mistakes: Listed[] = [];
  readonly #warnings: Listed[] = [];
  readonly #order: ReadonlyMap<string, number>;

  /** `files` in the order in which their mistakes are to be listed. */
  constructor(files: readonly string[]) {
    this.#order = new Map(files.map((file, i) => [file, i]));
  }

  add(node: ASTNode, message: string): void {
    this.addMistake({ ...placeOf(node), message });
  }

  /** At a place inside the text of a literal: `offset` counts its characters. At the node where it is no text. */
  addInside(node: ASTNode, offset: number, message: string): void {
    const place = node.kind === Kind.STRING ? placeInside(node, offset) : undefined;
    this.addMistake({ ...placeOf(node), ...place, message });
  }

  addMistake(mistake: Mistake): void {
    this.#mistakes.push(this.#listed(mistake));
  }

  /** What may be meant, and is told all the same. */
  warn(node: ASTNode, message: string): void {
    this.#warnings.push(this.#listed({ ...placeOf(node), message }));
  }

  /** By file, line and column. */
  mistakes(): readonly Mistake[] {
    return inOrder(this.#mistakes);
  }

  warnings(): readonly Mistake[] {
    return inOrder(this.#warnings);
  }

  #listed(mistake: Mistake): Listed {
    return { mistake, order: this.#order.get(mistake.file ?? '') ?? -1 };
  }
}

interface Listed {
  readonly mistake: Mistake;
  /** Of its file. */
  readonly order: number;
}

function inOrder(listed: readonly Listed[]): readonly Mistake[] {
  return listed
    .toSorted(
      (a, b) =>
        a.order - b.order ||
        (a.mistake.line ?? 0) - (b.mistake.line ?? 0) ||
        (a.mistake.column ?? 0) - (b.mistake.column ?? 0),
    )
    .map(({ mistake }) => mistake);
}

/** `schema/song.graphql:3:6`, for messages that name a second place. */
export function placeText(node: ASTNode): string {
  const { file, line, column } = placeOf(node);
  return `${file}:${line}:${column}`;
}

function placeOf(node: ASTNode): { file?: string; line?: number; column?: number } {
  if (node.loc === undefined) return {};
  return { file: node.loc.source.name, ...getLocation(node.loc.source, node.loc.start) };
}

/** Counts what the text is written with: `\\"` is one character of it, and lines of a block are indented. */
function placeInside(
  { block, loc, value }: StringValueNode,
  offset: number,
): { line: number; column: number } | undefined {
  if (loc === undefined) return undefined;
  const { body } = loc.source;
  if (block !== true) {
    let at = loc.start + 1;
    for (let i = 0; i < offset && at < loc.end - 1; i += 1) {
      const escape = /^\\(?:u\{[^}]*\}|u.{4}|.)/s.exec(body.slice(at, at + 12));
      at += escape?.[0].length ?? 1;
    }
    return getLocation(loc.source, at);
  }
  const before = value.slice(0, offset).split('\n');
  const lines = value.split('\n');
  let at =
    body.indexOf((lines[0] ?? '').trimStart(), loc.start + 3) -
    ((lines[0] ?? '').length - (lines[0] ?? '').trimStart().length);
  for (const line of lines.slice(1, before.length)) at = body.indexOf(line, body.indexOf('\n', at) + 1);
  return getLocation(loc.source, at + (before.at(-1) ?? '').length);
}
