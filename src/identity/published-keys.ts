import { createRemoteJWKSet, customFetch } from 'jose';
import type { JWTVerifyGetKey } from 'jose';

/** Keys are fetched again when they are so old, ms: one that was withdrawn is accepted for no longer. */
const maxAgeMs = 600_000;
/** An unknown key is looked for again once the last look is so long ago, ms: a flood of made-up keys costs the issuer one request. */
const cooldownMs = 10_000;
/** After a failure the issuer is left alone for so long, ms. */
const pauseMs = 2_000;
const timeoutMs = 5_000;
/** A set of keys takes a few kB. */
const maxBytes = 1_048_576;

export interface PublishedKeysOptions {
  readonly url: string;
  /** For the pause after a failure; the ages of keys go by the system's clock. */
  readonly now: () => number;
  /** Why the issuer's keys could not be fetched, once for each attempt. */
  readonly onFailure: (reason: string) => void;
}

/**
 * The keys that an issuer publishes, fetched when a token first needs them. Besides jose's errors about a token's key there are those
 * that mean that keys cannot be had now.
 */
export function publishedKeys({ url, now, onFailure }: PublishedKeysOptions): JWTVerifyGetKey {
  let failedAtMs = -Infinity;

  async function fetchKeys(href: string, options: RequestInit): Promise<Response> {
    if (now() - failedAtMs < pauseMs) throw new Error('the issuer was asked a moment ago, in vain');
    try {
      const response = await fetch(href, options);
      if (response.status !== 200) throw new Error(`the issuer answers ${response.status}`);
      return Response.json(keySet(await limitedText(response)));
    } catch (cause) {
      failedAtMs = now();
      onFailure(reasonOf(cause));
      throw cause;
    }
  }

  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeoutMs,
    cooldownDuration: cooldownMs,
    cacheMaxAge: maxAgeMs,
    [customFetch]: fetchKeys,
  });
}

async function limitedText(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) throw new Error(`the issuer sends more than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function keySet(text: string): object {
  let keys: unknown;
  try {
    keys = JSON.parse(text);
  } catch {
    throw new Error('the issuer sends no JSON');
  }
  const isSet =
    typeof keys === 'object' &&
    keys !== null &&
    'keys' in keys &&
    Array.isArray(keys.keys) &&
    keys.keys.every((key) => typeof key === 'object' && key !== null);
  if (!isSet) throw new Error('the issuer sends JSON that is no set of keys');
  return keys as object;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === 'TimeoutError') return `the issuer does not answer within ${timeoutMs} ms`;
  return cause.cause instanceof Error ? cause.cause.message || cause.message : cause.message;
}
