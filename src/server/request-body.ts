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

/**
 * Reads the body, but never more than `maxBytes`. Rejects where the client goes away. Called for every request: no iterator, and no
 * listener that takes itself away.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | typeof tooLarge> {
  return new Promise((resolve, reject) => {
    if (declaresTooMuch(request, maxBytes)) return resolve(tooLarge);
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        request.off('data', take).pause();
        resolve(tooLarge);
      } else chunks.push(chunk);
    };
    request.on('data', take);
    request.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on('error', reject);
    request.on('close', () => reject(goneAway));
  });
}

const goneAway = new Error('The client went away before its request was there.');
