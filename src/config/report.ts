import { getLocation } from 'graphql';
import type { ASTNode } from 'graphql';
import type { Mistake } from '../common/errors.ts';

/** Collects the mistakes of a schema, each at the node that has to be changed. */
export class Report {
  readonly #mistakes: { mistake: Mistake; order: number }[] = [];
  readonly #order: ReadonlyMap<string, number>;

  /** `files` in the order in which their mistakes are to be listed. */
  constructor(files: readonly string[]) {
    this.#order = new Map(files.map((file, i) => [file, i]));
  }

  add(node: ASTNode, message: string): void {
    this.addMistake({ ...placeOf(node), message });
  }

  addMistake(mistake: Mistake): void {
    this.#mistakes.push({ mistake, order: this.#order.get(mistake.file ?? '') ?? -1 });
  }

  /** By file, line and column. */
  mistakes(): readonly Mistake[] {
    return this.#mistakes
      .toSorted(
        (a, b) =>
          a.order - b.order ||
          (a.mistake.line ?? 0) - (b.mistake.line ?? 0) ||
          (a.mistake.column ?? 0) - (b.mistake.column ?? 0),
      )
      .map(({ mistake }) => mistake);
  }
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
