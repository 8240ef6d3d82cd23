import type { SeenRow, Principal } from './sight.ts';
import { hasGuardedColumns, isRestricted } from './sight.ts';
import { columnOf, isKept, type TableSpec } from './spec.ts';
import { Failure } from './wire.ts';
import type { World } from './world.ts';

/** A message of a change stream that asks for everything (`watchRequest`). */
export interface Message {
  readonly changes: readonly Change[];
  readonly deletedIds: readonly string[];
  readonly deletedNodeIds: readonly string[];
  readonly position: string;
  readonly live: boolean;
  readonly reset: boolean;
  readonly complete: boolean;
}

interface Change {
  readonly operation: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly rowId: string;
  readonly node: Cells | null;
  readonly previous: Cells | null;
  readonly changedFields: readonly string[];
}

type Cells = Readonly<Record<string, unknown>>;

export interface WatchStart {
  /** The commit that it resumes after, and who was told of it: the same caller, with the claims that it had then. */
  readonly resumes?: { readonly after: number; readonly as: Principal } | undefined;
  readonly snapshot: boolean;
}

/**
 * Somebody who follows a whole table, and what it must be told: a row that it may read from a commit on is an INSERT, one that it
 * may read no more a DELETE with nothing but its key.
 */
export class Watch {
  readonly #world: World;
  readonly #principal: Principal;
  readonly #table: TableSpec;
  /** The commit that it knows all of; undefined before the first message of one that does not resume. */
  #at: number | undefined;
  readonly #snapshot: boolean;
  #mustReset: boolean;

  constructor(world: World, principal: Principal, table: TableSpec, { resumes, snapshot }: WatchStart) {
    this.#world = world;
    this.#principal = principal;
    this.#table = table;
    this.#at = resumes?.after;
    this.#snapshot = snapshot;
    // What it has is not what it may read now.
    this.#mustReset =
      resumes !== undefined &&
      !isEqual(this.#keysFor(resumes.as, resumes.after), this.#keysFor(principal, resumes.after));
  }

  /** A whole message, as of a commit. Throws Failure. */
  take(message: Message, commit: number): void {
    const { changes, deletedIds, deletedNodeIds, reset } = message;
    const deleted = changes.filter(({ operation }) => operation === 'DELETE').map(({ rowId }) => rowId);
    this.#expect('deletedIds', deletedIds, deleted);
    this.#expect('deletedNodeIds', deletedNodeIds.length, deleted.length);
    if (this.#mustReset && !reset) throw this.#failure('goes on from where it was as somebody else');
    this.#mustReset = false;
    if (this.#at === undefined || reset) {
      const rows = this.#snapshot ? this.#rows(commit) : [];
      this.#expectChanges(
        changes,
        rows.map((row) => this.#change(undefined, row)),
        commit,
      );
    } else {
      const untold = changes.length === 0 ? commit : commit - 1;
      for (let passed = this.#at + 1; passed <= untold; passed += 1) this.#expectNothing(passed);
      if (changes.length > 0 && commit === this.#at) throw this.#failure(`told twice of commit ${commit}`);
      if (changes.length > 0) this.#expectChanges(changes, this.#changes(commit), commit);
    }
    this.#at = commit;
  }

  /** It has been told of everything up to a commit. */
  settle(commit: number): void {
    if (this.#at === undefined) throw this.#failure('has had no message');
    for (let passed = this.#at + 1; passed <= commit; passed += 1) this.#expectNothing(passed);
    this.#at = Math.max(this.#at, commit);
  }

  #expectNothing(commit: number): void {
    const missed = this.#changes(commit).filter((change) => !isSilent(change));
    if (missed.length > 0) throw this.#failure(`not told of commit ${commit}: ${JSON.stringify(missed)}`);
  }

  #expectChanges(told: readonly Change[], wanted: readonly Change[], commit: number): void {
    const print = (change: Change) =>
      JSON.stringify({ ...change, changedFields: [...change.changedFields].toSorted() });
    const strip = ({ node, ...change }: Change): Change =>
      isKept(this.#table) ? { ...change, node } : { ...change, rowId: '', node: node && { ...node, id: null } };
    const left = wanted.map((change) => print(strip(change)));
    for (const change of told) {
      const at = left.indexOf(print(strip(change)));
      if (at >= 0) left.splice(at, 1);
      else throw this.#failure(`told ${print(change)} of commit ${commit}, and not ${left.join(', ')}`);
    }
    const missed = left.filter((text) => !isSilent(JSON.parse(text) as Change));
    if (missed.length > 0) throw this.#failure(`not told ${missed.join(', ')} of commit ${commit}`);
  }

  #keysFor(principal: Principal, commit: number): readonly string[] {
    const rows = this.#world.sight(principal, 'CHANGES', commit).get(this.#table.name);
    return [...(rows?.keys() ?? [])].toSorted();
  }

  #rows(commit: number): readonly SeenRow[] {
    return [...(this.#world.sight(this.#principal, 'CHANGES', commit).get(this.#table.name)?.values() ?? [])];
  }

  /** With updates that show nothing: of hidden columns there may be some, but where columns are guarded from the subscriber. */
  #changes(commit: number): readonly Change[] {
    const after = new Map(this.#rows(commit).map((row) => [row.key, row]));
    // Rows of a stream are there when they come, and never leave.
    if (!isKept(this.#table)) return [...after.values()].map((row) => this.#change(undefined, row));
    const before = new Map(this.#rows(commit - 1).map((row) => [row.key, row]));
    const changes = [...new Set([...before.keys(), ...after.keys()])].map((key) =>
      this.#change(before.get(key), after.get(key)),
    );
    const guarded = hasGuardedColumns(this.#world.schema, this.#table, this.#principal, 'CHANGES');
    return guarded ? changes.filter((change) => !isSilent(change)) : changes;
  }

  #change(before: SeenRow | undefined, after: SeenRow | undefined): Change {
    const { schema } = this.#world;
    const restricted = isRestricted(schema, this.#table, this.#principal, 'CHANGES');
    const cells = (row: SeenRow | undefined): Cells | null => {
      if (row === undefined) return null;
      return Object.fromEntries(Object.entries(row.cells).filter(([name]) => name !== 'id'));
    };
    const changed =
      before === undefined || after === undefined
        ? []
        : Object.keys(after.cells).filter((name) => !isEqual(before.cells[name], after.cells[name]));
    return {
      operation: before === undefined ? 'INSERT' : after === undefined ? 'DELETE' : 'UPDATE',
      rowId: this.#rowId(after ?? before),
      node: after?.cells ?? null,
      previous: after === undefined && restricted ? null : cells(before),
      changedFields: changed,
    };
  }

  #rowId(row: SeenRow | undefined): string {
    const { key } = this.#table;
    const values = JSON.parse(row?.key ?? '[]') as readonly unknown[];
    if (!isKept(this.#table)) return '';
    if (values.length === 1 && columnOf(this.#table, key[0] ?? '').required) return String(values[0]);
    return values.map((value) => (value === null ? '%null' : String(value))).join(':');
  }

  #expect(what: string, told: unknown, wanted: unknown): void {
    if (!isEqual(told, wanted)) throw this.#failure(`${what}: ${JSON.stringify(told)}, not ${JSON.stringify(wanted)}`);
  }

  #failure(what: string): Failure {
    const { identity, name } = this.#principal;
    return new Failure(`${name} (${JSON.stringify(identity)}), who watches ${this.#table.name}: ${what}`);
  }
}

/** An update of nothing that is shown. */
function isSilent({ changedFields, operation }: Change): boolean {
  return operation === 'UPDATE' && changedFields.length === 0;
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
