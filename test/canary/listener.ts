import type { TestResult, TestSubscription } from '../../src/testing.ts';
import { expectDump } from './dump.ts';
import type { Request } from './request.ts';
import type { Principal } from './sight.ts';
import type { TableSpec } from './spec.ts';
import { checkText, Failure, versionIn, type Counts } from './wire.ts';
import type { Message, Watch } from './watch.ts';
import type { World } from './world.ts';

/** A subscription whose frames are looked through; of dumps and watches what they must say is known, too. */
export class Listener {
  readonly principal: Principal;
  readonly request: Request;
  readonly subscription: TestSubscription;
  /** Of a dump or a watch. */
  readonly table: TableSpec | undefined;
  stalled = false;
  readonly #world: World;
  readonly #counts: Counts;
  readonly #watch: Watch | undefined;
  /** Parts of a message that is not complete: they hold for the position of the last one. */
  #parts: { readonly frame: TestResult; readonly message: Message }[] = [];
  #position: string | undefined;

  constructor(
    world: World,
    counts: Counts,
    {
      principal,
      request,
      subscription,
      table,
      watch,
    }: Pick<Listener, 'principal' | 'request' | 'subscription' | 'table'> & { readonly watch?: Watch | undefined },
  ) {
    this.#world = world;
    this.#counts = counts;
    this.principal = principal;
    this.request = request;
    this.subscription = subscription;
    this.table = table;
    this.#watch = watch;
  }

  /** Of the last message of a change stream. */
  get position(): string | undefined {
    return this.#position;
  }

  /** Looks at what came since the last time. Throws Failure. */
  check(): void {
    for (const frame of this.subscription.frames()) this.#take(frame);
    if (this.subscription.completed || this.stalled) return;
    this.#watch?.settle(this.#world.newest);
  }

  #take(frame: TestResult): void {
    const [data] = Object.values((frame.data ?? {}) as Readonly<Record<string, unknown>>);
    if (this.request.operation === 'CHANGES' && data !== undefined) {
      const message = data as Message;
      this.#parts.push({ frame, message });
      if (message.complete) this.#takeMessage(message.position);
      return;
    }
    const commit = this.#commitOf(frame);
    this.#checkText(frame, this.#allowed(commit), commit);
    if (this.table === undefined) return;
    if (this.request.operation === 'LIVE') {
      expectDump(this.#world, this.principal, this.table, this.request, frame, commit);
    } else if (
      this.#watch !== undefined &&
      frame.errors?.some(({ extensions }) => isRefusal(extensions.code)) === true
    ) {
      throw new Failure(`${this.principal.name} may read ${this.table.name}, and gets ${frame.text}`);
    }
  }

  #takeMessage(position: string): void {
    const parts = this.#parts;
    this.#parts = [];
    const last = parts.at(-1);
    if (last === undefined) return;
    const commit = this.#commitOf(last.frame);
    // What is deleted, and what was before, is of the commit before; what came with a stream is of its commit alone.
    const allowed = new Set([...this.#allowed(commit), ...this.#allowed(Math.max(0, commit - 1))]);
    for (const { frame } of parts) this.#checkText(frame, allowed, commit);
    this.#position = position;
    this.#watch?.take(
      {
        ...last.message,
        changes: parts.flatMap(({ message }) => message.changes),
        deletedIds: parts.flatMap(({ message }) => message.deletedIds),
        deletedNodeIds: parts.flatMap(({ message }) => message.deletedNodeIds),
      },
      commit,
    );
  }

  #commitOf(frame: TestResult): number {
    const version = versionIn(frame);
    return version === undefined ? this.#world.newest : this.#world.commitAt(version);
  }

  #allowed(commit: number): ReadonlySet<string> {
    return this.#world.canaries(this.principal, this.request.operation, commit);
  }

  #checkText(frame: TestResult, allowed: ReadonlySet<string>, commit: number): void {
    const { principal, request } = this;
    checkText(this.#world.mint, frame, { principal, request, allowed, at: `commit ${commit}` }, this.#counts);
  }
}

function isRefusal(code: string): boolean {
  return code === 'FORBIDDEN' || code === 'UNAUTHENTICATED';
}
