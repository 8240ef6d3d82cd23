import type { NaiveValue } from './values.ts';
import type { Where } from './where.ts';

/** An operation as the oracle holds it: printed as a document for the gateway, evaluated naively beside it. */
export type Direction = 'ASC' | 'DESC' | 'ASC_NULLS_FIRST' | 'ASC_NULLS_LAST' | 'DESC_NULLS_FIRST' | 'DESC_NULLS_LAST';

export interface OrderTerm {
  readonly column: string;
  readonly direction: Direction;
}

export interface ListArguments {
  readonly where?: Where | undefined;
  readonly orderBy?: readonly OrderTerm[] | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** `alias` is undefined where the field goes by its own name. */
export type Selection =
  | {
      readonly kind: 'column';
      readonly name: string;
      readonly alias?: string | undefined;
      readonly fields?: readonly FieldSelection[];
    }
  | { readonly kind: 'typename' | 'id' | 'nodeId'; readonly alias?: string | undefined }
  | {
      readonly kind: 'one';
      readonly relation: string;
      readonly alias?: string | undefined;
      readonly select: readonly Selection[];
    }
  | {
      readonly kind: 'many';
      readonly relation: string;
      readonly alias?: string | undefined;
      readonly args: ListArguments;
      readonly select: readonly Selection[];
    };

/** Of an embedded object. */
export interface FieldSelection {
  readonly name: string;
  readonly alias?: string | undefined;
  readonly fields?: readonly FieldSelection[] | undefined;
}

export interface PageArguments {
  readonly where?: Where | undefined;
  readonly orderBy?: readonly OrderTerm[] | undefined;
  readonly first?: number | undefined;
  readonly last?: number | undefined;
  readonly after?: Cursor | undefined;
  readonly before?: Cursor | undefined;
}

/** A cursor that the gateway gave, and the place in the order that it stands for. */
export interface Cursor {
  readonly text: string;
  readonly place: Place;
}

export interface Place {
  readonly values: readonly NaiveValue[];
  readonly key: readonly NaiveValue[];
}

export type ConnectionPart = 'edges' | 'nodes' | 'pageInfo' | 'totalCount';

export type RootSelection =
  | {
      readonly kind: 'list';
      readonly table: string;
      readonly alias?: string | undefined;
      readonly args: ListArguments;
      readonly select: readonly Selection[];
    }
  | {
      readonly kind: 'row';
      readonly table: string;
      readonly alias?: string | undefined;
      /** The key's columns, or those of a unique index. */
      readonly by: readonly string[];
      readonly values: readonly NaiveValue[];
      readonly unique: boolean;
      readonly select: readonly Selection[];
    }
  | {
      readonly kind: 'connection';
      readonly table: string;
      readonly alias?: string | undefined;
      readonly args: PageArguments;
      readonly parts: readonly ConnectionPart[];
      readonly select: readonly Selection[];
    }
  /** A row by the nodeId that the gateway gave it. Of queries only. */
  | {
      readonly kind: 'node';
      readonly table: string;
      readonly alias?: string | undefined;
      readonly key: readonly NaiveValue[];
      readonly nodeId: string;
      readonly select: readonly Selection[];
    };

export type ChangeKind = 'INSERT' | 'UPDATE' | 'DELETE';

export interface ChangesPlan {
  readonly table: string;
  readonly where?: Where | undefined;
  readonly operations?: readonly ChangeKind[] | undefined;
  readonly select: readonly Selection[];
  readonly previous: readonly Extract<Selection, { kind: 'column' }>[];
}

export interface QueryPlan {
  readonly roots: readonly RootSelection[];
}
