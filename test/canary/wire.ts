import type { TestGateway, TestResult } from '../../src/testing.ts';
import type { Request } from './request.ts';
import type { Principal } from './sight.ts';
import type { Mint } from './tokens.ts';

/** Something that must not happen. The message says what, to whom, and how to see it again is added by the test. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** What was looked through. */
export interface Counts {
  rounds: number;
  texts: number;
  bytes: number;
  canaries: number;
  /** Canaries found in texts that may be there. */
  allowed: number;
  /** By error code. */
  readonly errors: Map<string, number>;
}

export function noCounts(): Counts {
  return { rounds: 0, texts: 0, bytes: 0, canaries: 0, allowed: 0, errors: new Map() };
}

export function printCounts({ rounds, texts, bytes, canaries, allowed, errors }: Counts): string {
  const codes = [...errors].toSorted().map(([code, count]) => `${code} ${count}`);
  return `${rounds} rounds, ${texts} texts, ${bytes} bytes, ${canaries} canaries, ${allowed} seen where allowed; errors: ${codes.join(', ')}`;
}

export function callerOf(gateway: TestGateway, { identity }: Principal): Pick<TestGateway, 'query' | 'subscribe'> {
  return identity === undefined ? gateway : gateway.as(identity);
}

export function versionOf(gateway: TestGateway): number {
  const snapshot = gateway.store.snapshot();
  const { version } = snapshot;
  snapshot.release();
  return version;
}

/** Undefined where the answer has none: nothing was read. */
export function versionIn({ extensions }: TestResult): number | undefined {
  return extensions === undefined ? undefined : decodePosition(extensions.position).version;
}

interface Position {
  readonly store: string;
  readonly version: number;
}

export function decodePosition(position: string): Position {
  const [store, version] = JSON.parse(Buffer.from(position, 'base64url').toString()) as [string, number];
  return { store, version };
}

/** Mistakes of the gateway, or of a generator. */
const unexpected: ReadonlySet<string> = new Set(['INTERNAL', 'OVERLOADED', 'TIMEOUT']);
const invalid: ReadonlySet<string> = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED']);

/** Throws where a canary is in a text that is not allowed there. What was asked for may be in the errors that name it. */
export function checkText(
  mint: Mint,
  result: TestResult,
  { principal, request, allowed, at }: Checked,
  counts: Counts,
): void {
  const { data, errors, text } = result;
  counts.texts += 1;
  counts.bytes += text.length;
  for (const { extensions, message } of errors ?? []) {
    const { code } = extensions;
    counts.errors.set(code, (counts.errors.get(code) ?? 0) + 1);
    const isMistake = unexpected.has(code) || (invalid.has(code) && request.isWrong !== true);
    if (isMistake) throw new Failure(`${code}: ${message}\n${printRequest(principal, request)}`);
  }
  const found = mint.in(text);
  const forbidden = [...found].filter((canary) => !allowed.has(canary));
  counts.allowed += found.size - forbidden.length;
  if (forbidden.length === 0) return;
  const answered = mint.in(JSON.stringify(data ?? null));
  const asked = mint.in(JSON.stringify(request));
  const leaked = forbidden.filter((canary) => answered.has(canary) || !asked.has(canary));
  if (leaked.length === 0) return;
  throw new Failure(
    `${leaked.join(', ')} must not be sent to ${principal.name} at ${at}\n${printRequest(principal, request)}\n${text}`,
  );
}

export interface Checked {
  readonly principal: Principal;
  readonly request: Request;
  readonly allowed: ReadonlySet<string>;
  /** For the message: which commit. */
  readonly at: string;
}

export function printRequest({ identity, name }: Principal, { document, variables }: Request): string {
  return `${name}: ${JSON.stringify(identity ?? 'no identity')}\n${document}\n${JSON.stringify(variables)}`;
}
