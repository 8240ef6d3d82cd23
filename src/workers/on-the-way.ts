import type { Worker } from 'node:cluster';

/** What node's cluster sends with a connection that it deals out, and is answered; it documents neither. */
interface Internal {
  readonly cmd?: string;
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/**
 * Closes the connection that was on its way to a process when that ended: node forgets it, and whoever has opened it would wait for an
 * answer without end. There is one at most, since node deals out the next when the last one was taken.
 */
export function closeOnTheWay({ process }: Worker): void {
  let last: { readonly seq: number | undefined; readonly connection: { close?(): void } } | undefined;
  const send = process.send.bind(process);
  process.send = ((message: Internal, connection?: { close?(): void }, ...rest: []) => {
    if (message.cmd === 'NODE_CLUSTER' && message.act === 'newconn' && connection !== undefined) {
      last = { seq: message.seq, connection };
    }
    return send(message, connection as never, ...rest);
  }) as typeof process.send;
  const on = process.on.bind(process) as (event: string, listener: (message: Internal) => void) => void;
  // It was taken, or given back to be dealt to another.
  on('internalMessage', ({ ack }) => {
    if (ack !== undefined && ack === last?.seq) last = undefined;
  });
  process.once('exit', () => last?.connection.close?.());
}
