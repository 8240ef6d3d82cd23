import { connectRaw, type RawConnection } from '../../support/raw-http.ts';

/** A response of several on one connection. */
export interface Piped {
  readonly status: number;
  readonly body: string;
}

/** The whole responses at the beginning of what came. */
export function responsesIn(received: Buffer): readonly Piped[] {
  const found: Piped[] = [];
  let at = 0;
  for (;;) {
    const end = received.indexOf('\r\n\r\n', at);
    if (end === -1) return found;
    const head = received.toString('latin1', at, end);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    const start = end + 4;
    // Nothing says how long it is: it is in chunks, of which the last is empty.
    const stop = length === undefined ? received.indexOf('0\r\n\r\n', start) + 5 : start + Number(length);
    if (stop === 4 || stop > received.length) return found;
    found.push({ status, body: received.toString('utf8', start, stop) });
    at = stop;
  }
}

/** Sends all of them at once on one connection, and waits for as many responses. Rejects where it is ended before. */
export async function pipe(url: string, requests: readonly (string | Uint8Array)[]): Promise<readonly Piped[]> {
  const connection: RawConnection = await connectRaw(url);
  await connection.send(Buffer.concat(requests.map((request) => Buffer.from(request as string))));
  const received = await connection.until((bytes) => responsesIn(bytes).length >= requests.length);
  connection.socket.destroy();
  return responsesIn(received);
}
