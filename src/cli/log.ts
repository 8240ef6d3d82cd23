import { pino } from 'pino';
import { reasonOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { Terminal } from './command.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines for machines (`serve` without a terminal), one readable line each for people. */
export function createLog(level: LogLevel, readable: boolean, { out }: Pick<Terminal, 'out'>): Log {
  if (!readable) {
    const log = pino({ level, base: {} }, { write: out });
    return {
      info: (message, facts) => log.info(printable(facts), message),
      warn: (message, facts) => log.warn(printable(facts), message),
      error: (message, facts) => log.error(printable(facts), message),
    };
  }
  const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];
  const write =
    (own: LogLevel, mark: string) =>
    (message: string, facts?: Readonly<Record<string, unknown>>): void => {
      if (order.indexOf(own) < order.indexOf(level)) return;
      const time = new Date().toTimeString().slice(0, 8);
      out(`${time} ${mark} ${message}${besides(message, facts)}\n`);
    };
  return { info: write('info', ' '), warn: write('warn', '!'), error: write('error', '✗') };
}

/** JSON has nothing of an Error: it is printed with where it was thrown. */
function printable(facts: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, fact instanceof Error ? (fact.stack ?? fact.message) : fact]),
  );
}

/** The one fact that a person wants beside the message. */
function besides(message: string, facts: Readonly<Record<string, unknown>> | undefined): string {
  const reason = facts?.['reason'] ?? facts?.['error'];
  if (reason === undefined) return '';
  const text = reasonOf(reason);
  return message.includes(text) ? '' : `: ${text}`;
}
