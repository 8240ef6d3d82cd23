import type { Mistake } from '../common/errors.ts';
import type { SchemaFile } from '../config/definitions.ts';
import type { SourceProgress } from '../ingest/bounds.ts';

/**
 * What the primary process and the serving processes say to each other (`headgate serve --workers N`):
 *
 *   primary   writer's thread ──▶ LMDB            metrics of all, sessions dropped in all, one port for all
 *                │ "committed", progress                 ▲
 *                ▼                                       │ answers
 *   workers   hub, server ◀── LMDB, read-only     connections are dealt out one by one
 */
export type ToWorker =
  | Opening
  | News
  | { readonly kind: 'revoke'; readonly ask: number; readonly revocation: Revocation }
  | { readonly kind: 'metrics'; readonly ask: number }
  /** `relieved`: another one serves in its place. */
  | { readonly kind: 'drain'; readonly relieved: boolean }
  /** The answer to `done`: no connection comes any more. */
  | { readonly kind: 'bye' };

/** Of each kind the newest is enough. */
export type News = { readonly kind: 'committed' } | { readonly kind: 'progress'; readonly progress: SourceProgress };

/** The first message, when the worker has said that it is there and the store is open. */
export interface Opening {
  readonly kind: 'open';
  /** As the writer has read it: a file that is edited later is for the next start of all. */
  readonly schema: readonly SchemaFile[];
  readonly port: number;
  readonly progress: SourceProgress;
  /** Of those before it. */
  readonly revocations: readonly Revocation[];
}

export interface Revocation {
  readonly claim: string;
  readonly value: string | number | boolean;
  readonly atMs: number;
}

export type ToPrimary =
  | { readonly kind: 'joined' }
  | { readonly kind: 'serving'; readonly url: string }
  | { readonly kind: 'failed'; readonly mistakes: readonly Mistake[] }
  | { readonly kind: 'answer'; readonly ask: number; readonly value: unknown }
  /** Everything is closed. A connection that was dealt to it meanwhile comes before the answer, and is given back. */
  | { readonly kind: 'done' }
  /** Somebody else has told it to end: it goes on until another one serves in its place. */
  | { readonly kind: 'leaving' };
