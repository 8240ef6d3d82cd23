import type { Predicate } from './predicate.ts';

/** What a caller does with a table: ask, ask and listen, follow its changes. */
export type ReadOperation = 'QUERY' | 'LIVE' | 'CHANGES';

/** Who may read a table, or a field. */
export type Auth =
  /** Everybody, also callers without identity. Of tables only. */
  | { readonly kind: 'public' }
  /** Each rule grants on its own; what none grants is denied. */
  | { readonly kind: 'rules'; readonly rules: readonly Rule[] };

/** A rule of `@auth`: grants an identified caller what its parts, all of them, allow. */
export interface Rule {
  /** The caller has at least one of these; undefined: any identified caller. */
  readonly roles: readonly string[] | undefined;
  readonly operations: readonly ReadOperation[];
  /** Of the table's rows those that match; undefined: all. */
  readonly where: RuleFilter | undefined;
}

/** A filter that may refer to claims: it means nothing before they are put in (`bindClaims`). */
export interface RuleFilter {
  readonly unbound: Predicate;
}

/** A place in a caller's claims, from the outside in: `$jwt.org.tenant` is `['org', 'tenant']`. */
export interface ClaimPath {
  readonly claim: readonly string[];
}
