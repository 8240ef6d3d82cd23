import { Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SetupError } from '../common/errors.ts';

/** By which flag a port is chosen, and by which key of the configuration. */
const portSettings = {
  port: '--port, or port in headgate.config',
  metricsPort: '--metrics-port, or metricsPort in headgate.config',
};

/** The port it got. Rejects with SetupError where it cannot be had, naming the setting. */
export function listenOn(
  server: Server,
  host: string,
  port: number,
  setting: keyof typeof portSettings,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(listenFailure(cause, host, port, portSettings[setting]));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** For how long connections are still taken, should more and more come, ms. */
const mostTakingMs = 1_000;

/** Takes the connections that wait to be taken: to stop listening would cut them off, with what they have sent. node takes one a turn. */
export async function takeWaiting(server: Server): Promise<void> {
  const endMs = performance.now() + mostTakingMs;
  let taken = true;
  const note = (): void => void (taken = true);
  server.on('connection', note);
  while (taken && performance.now() < endMs) {
    taken = false;
    // The first ends this turn, the second one in which it was looked for connections.
    await nextTurn();
    await nextTurn();
  }
  server.off('connection', note);
}

/** Stops accepting; resolves once every connection is gone. One that never listened is closed. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** The same, where connections that are kept alive stay until somebody closes them: HTTP's own `close` does so at once. */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    Server.prototype.close.call(server, () => resolve());
  });
}

function listenFailure(cause: unknown, host: string, port: number, setting: string): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const messages: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} on ${host} is taken by another program. End that one, or choose another with ${setting} (0 takes any that is free).`,
    EACCES: `port ${port} on ${host} may not be opened by this user. Choose one above 1023 with ${setting}.`,
    EADDRNOTAVAIL: `this machine has no address ${host}. Choose one it has with --host.`,
    ENOTFOUND: `the host ${host} is not known. Choose an address of this machine with --host.`,
  };
  const message = typeof code === 'string' ? messages[code] : undefined;
  return message === undefined ? cause : new SetupError([{ message }]);
}
