import type { IncomingMessage } from 'node:http';

/** A body that is longer than allowed. */
export const tooLarge = Symbol('too large');

/** True where the header alone says that the body is too long. */
export function declaresTooMuch(request: IncomingMessage, maxBytes: number): boolean {
  return Number(request.headers['content-length'] ?? 0) > maxBytes;
}

/** True where only counting tells how long the body is; else node holds the sender to the length it declared. */
export function hasUnknownLength(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined;
}

/** Reads the body, but never more than `maxBytes`. Rejects where the client goes away. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | typeof tooLarge> {
  if (declaresTooMuch(request, maxBytes)) return tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
