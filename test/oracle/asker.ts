import type { TestGateway, TestResult, TestSubscription } from '../../src/testing.ts';
import type { Caller } from './claims.ts';
import { whyDenied } from './denial.ts';
import type { Tables, World } from './naive.ts';
import type { ChangesPlan, QueryPlan } from './plan.ts';
import type { Request } from './print-query.ts';
import { CallerTables, Rights } from './rights.ts';
import type { ReadKind, SchemaSpec } from './spec.ts';

/** A client with one token: asks, and knows what it may be told. Where a schema has no rules, everybody is told everything. */
export class Asker {
  readonly #schema: SchemaSpec;
  readonly #gateway: TestGateway;
  readonly #caller: Caller | undefined;
  readonly #ruled: boolean;
  readonly #rights = new Map<ReadKind, Rights>();
  readonly #seen = new WeakMap<World, Map<ReadKind, Tables>>();

  constructor(schema: SchemaSpec, gateway: TestGateway, caller: Caller | undefined) {
    this.#schema = schema;
    this.#gateway = gateway;
    this.#caller = caller;
    this.#ruled = schema.tables.some(({ auth, columns, relations }) =>
      [{ auth }, ...columns, ...relations].some((each) => each.auth !== undefined),
    );
  }

  query({ document, variables }: Request): Promise<TestResult> {
    return this.#asks.query(document, variables);
  }

  subscribe({ document, variables }: Request): Promise<TestSubscription> {
    return this.#asks.subscribe(document, variables);
  }

  rights(kind: ReadKind): Rights {
    let rights = this.#rights.get(kind);
    if (rights === undefined) this.#rights.set(kind, (rights = new Rights(this.#schema, this.#caller, kind)));
    return rights;
  }

  see(world: World, kind: ReadKind): Tables {
    if (!this.#ruled) return world;
    let seen = this.#seen.get(world);
    if (seen === undefined) this.#seen.set(world, (seen = new Map<ReadKind, Tables>()));
    let tables = seen.get(kind);
    if (tables === undefined) seen.set(kind, (tables = new CallerTables(world, this.rights(kind))));
    return tables;
  }

  whyDenied(plan: QueryPlan | ChangesPlan, kind: ReadKind): string | undefined {
    return whyDenied(this.#schema, this.rights(kind), plan);
  }

  get #asks(): Pick<TestGateway, 'query' | 'subscribe'> {
    const { claims, roles } = this.#caller ?? {};
    if (claims === undefined || roles === undefined) return this.#gateway;
    // Every request shows the token anew.
    return this.#gateway.as({ claims: structuredClone(claims), roles: [...roles] });
  }
}
