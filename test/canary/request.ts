import type { Operation, TableSpec } from './spec.ts';

/** What is sent, and what is to be known of the answer. */
export interface Request {
  readonly operation: Operation;
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** By response name: lists, and connections, whose cursors can be used again. */
  readonly pages: ReadonlyMap<string, Page>;
  /** It is meant to be refused. */
  readonly isWrong?: boolean;
}

/** Rows in an order; what a cursor is a place in. */
export interface Page {
  readonly table: TableSpec;
  readonly orderBy: readonly Readonly<Record<string, string>>[];
}

export interface Cursor extends Page {
  readonly text: string;
}

/** A document in the making: arguments become variables, and selections fragments. */
export class DocumentBuilder {
  readonly #variables = new Map<string, { readonly type: string; readonly value: unknown }>();
  readonly #fragments: string[] = [];
  readonly #roots: string[] = [];
  readonly #pages = new Map<string, Page>();

  /** `where: $v0`; nothing where there is no value. */
  argument(name: string, type: string, value: unknown): string {
    if (value === undefined) return '';
    const variable = `v${this.#variables.size}`;
    this.#variables.set(variable, { type, value });
    return `${name}: $${variable}`;
  }

  /** `(…)`, or nothing. */
  static arguments(...given: readonly string[]): string {
    const some = given.filter((each) => each !== '');
    return some.length === 0 ? '' : `(${some.join(', ')})`;
  }

  /** `...F0` */
  fragment(type: string, selection: string): string {
    const name = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${type} ${selection}`);
    return `...${name}`;
  }

  root(field: string, page?: Page): void {
    const alias = `f${this.#roots.length}`;
    this.#roots.push(`${alias}: ${field}`);
    if (page !== undefined) this.#pages.set(alias, page);
  }

  request(operation: Operation): Request {
    const declared = [...this.#variables].map(([name, { type }]) => `$${name}: ${type}`);
    const kind = operation === 'QUERY' ? 'query' : 'subscription';
    const document = `${kind} ${DocumentBuilder.arguments(...declared)} { ${this.#roots.join(' ')} } ${this.#fragments.join(' ')}`;
    const variables = Object.fromEntries([...this.#variables].map(([name, { value }]) => [name, value]));
    return { operation, document, variables, pages: this.#pages };
  }
}

/** The cursors in an answer. */
export function cursorsIn({ pages }: Request, data: unknown): readonly Cursor[] {
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([alias, value]) => {
    const page = pages.get(alias);
    return page === undefined ? [] : texts(value).map((text) => ({ ...page, text }));
  });
}

function texts(value: unknown): readonly string[] {
  const { edges = [], pageInfo } = (value ?? {}) as {
    readonly edges?: readonly { readonly cursor: string }[];
    readonly pageInfo?: { readonly startCursor: string | null; readonly endCursor: string | null };
  };
  const ends = [pageInfo?.startCursor, pageInfo?.endCursor].filter((each) => typeof each === 'string');
  return [...edges.map(({ cursor }) => cursor), ...ends];
}
