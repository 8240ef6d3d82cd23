import type { ScalarName } from '../model/value.ts';

/** A schema as it is being guessed: what `print-draft.ts` writes as SDL. */
export interface TableDraft {
  readonly type: string;
  readonly topic: string;
  readonly mode: 'UPSERT' | 'APPEND';
  /** Where it is not the default. */
  readonly keyFormat: 'JSON' | 'LONG' | 'NONE' | undefined;
  /** A literal of the language of filters. */
  readonly accept: string | undefined;
  readonly key: readonly string[];
  /** The member of the value that records without a key get as theirs. */
  readonly recordKey: string | undefined;
  readonly columns: readonly ColumnDraft[];
  readonly relations: readonly RelationDraft[];
  /** Types of nested objects. */
  readonly objects: readonly ObjectDraft[];
  /** Comments on the type. */
  readonly notes: readonly string[];
  /** Why it is like that, for the one who asked. */
  readonly reasons: readonly string[];
}

export interface ColumnDraft {
  readonly name: string;
  readonly type: TypeDraft;
  readonly required: boolean;
  readonly from: OriginDraft;
  readonly indexed: boolean;
  readonly hidden: boolean;
  readonly note: string | undefined;
}

export type OriginDraft =
  | { readonly kind: 'value'; readonly path: readonly string[] }
  | { readonly kind: 'key'; readonly path: readonly string[] }
  | { readonly kind: 'meta'; readonly meta: 'KEY' | 'TIMESTAMP' | 'COORDINATES' };

export type TypeDraft =
  | { readonly kind: 'scalar'; readonly scalar: ScalarName }
  | { readonly kind: 'object'; readonly name: string }
  | { readonly kind: 'list'; readonly element: TypeDraft; readonly elementRequired: boolean };

export interface ObjectDraft {
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: TypeDraft }[];
}

export interface RelationDraft {
  readonly name: string;
  readonly target: string;
  /** To one, it stands behind its column. */
  readonly column: string;
  readonly many: boolean;
}

export function scalar(name: ScalarName): TypeDraft {
  return { kind: 'scalar', scalar: name };
}

export const json: TypeDraft = scalar('JSON');

export function isScalarDraft(type: TypeDraft, ...names: readonly ScalarName[]): boolean {
  return type.kind === 'scalar' && names.includes(type.scalar);
}

/** The objects that columns have, also inside others: one that none has is a mistake of a schema. */
export function objectsOf(columns: readonly ColumnDraft[], objects: readonly ObjectDraft[]): readonly ObjectDraft[] {
  const used = new Set<string>();
  const use = (type: TypeDraft): void => {
    if (type.kind === 'list') use(type.element);
    if (type.kind !== 'object' || used.has(type.name)) return;
    used.add(type.name);
    for (const field of objects.find(({ name }) => name === type.name)?.fields ?? []) use(field.type);
  };
  for (const { type } of columns) use(type);
  return objects.filter(({ name }) => used.has(name));
}
