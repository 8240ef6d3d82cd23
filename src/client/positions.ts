/**
 * The newest position that any answer has had: what a client sends back as `extensions.atLeast`, so that no later answer is older
 * than an earlier one, whichever replica gives it. One for all transports of a page.
 */
export interface Positions {
  /** After every answer; anything that is no position is passed over. */
  see(position: unknown): void;
  /** For `extensions.atLeast.position`; undefined before the first answer. */
  newest(): string | undefined;
  /**
   * Forgets. For when a topic has been created anew: its offsets begin again, and positions of the topic that was would be waited for
   * in vain (POSITION_NOT_REACHED).
   */
  clear(): void;
}

type Offsets = Record<string, Record<string, number>>;

/** Positions are opaque to everybody else; this is written together with the gateway (`model/position.ts`). */
export function createPositions(): Positions {
  let offsets: Offsets = {};
  let newest: string | undefined;
  return {
    see(position) {
      if (typeof position !== 'string' || position === newest) return;
      try {
        const [, , seen] = JSON.parse(fromBase64Url(position)) as [unknown, unknown, Offsets];
        for (const [topic, partitions] of Object.entries(seen)) {
          const known = (offsets[topic] ??= {});
          for (const [partition, next] of Object.entries(partitions)) {
            known[partition] = Math.max(known[partition] ?? 0, next);
          }
        }
        newest = toBase64Url(JSON.stringify(['', 0, offsets]));
      } catch {
        // No position: a gateway would refuse it.
      }
    },
    newest: () => newest,
    clear() {
      offsets = {};
      newest = undefined;
    },
  };
}

/** A request's extensions with the newest position beside what they have; as they are where there is none, or where they ask for one. */
export function withAtLeast(
  positions: Positions | undefined,
  extensions: Readonly<Record<string, unknown>> | null | undefined,
): Record<string, unknown> | undefined {
  const position = positions?.newest();
  const { atLeast, ...others } = extensions ?? {};
  if (position === undefined) return extensions ?? undefined;
  return { ...others, atLeast: { position, ...(atLeast as object | undefined) } };
}

/**
 * `fetch` for GraphQL over HTTP that reads and sends positions: for Relay, Apollo's HttpLink, urql or by hand. Bodies that are no JSON
 * texts pass unchanged.
 */
export function fetchAtLeast(positions: Positions, base: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    const body = init?.body;
    const response = await base(
      input,
      typeof body === 'string' ? { ...init, body: withPosition(positions, body) } : init,
    );
    // Events do not end, and are not to be waited for.
    if (response.headers.get('content-type')?.includes('json') !== true) return response;
    const text = await response.clone().text();
    // Rows may have a column of that name; extensions come behind them.
    const extensions = text.slice(text.lastIndexOf('"extensions":'));
    positions.see(/"position":"([\w-]+)"/.exec(extensions)?.[1]);
    return response;
  };
}

function withPosition(positions: Positions, body: string): string {
  try {
    const request = JSON.parse(body) as Record<string, unknown> & { extensions?: Record<string, unknown> };
    return JSON.stringify({ ...request, extensions: withAtLeast(positions, request.extensions) });
  } catch {
    return body;
  }
}

/** Names of topics may have any character. */
function fromBase64Url(text: string): string {
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

function toBase64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
