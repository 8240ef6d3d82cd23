import { inWhole } from '../page/format.ts';
import type { GatewayStatus, SchemaMistake, TableStatus, TopicStatus } from './documents.ts';
import type { History } from './history.ts';
import { badOf, lagOf, nextOf } from './measured.ts';
import { isStopped, wasRead } from './topic-state.ts';

/** Something that somebody who has been woken up must see first. */
export interface Problem {
  /** The same while it lasts. */
  readonly id: string;
  /** `bad`: something stands still or answers from what it has; `warn`: something is not as it should be. */
  readonly severity: 'bad' | 'warn';
  readonly what: string;
  readonly why?: string | undefined;
  /** Line by line, where there are several things to mend. */
  readonly list?: readonly { readonly place: string; readonly text: string }[] | undefined;
  /** The table to look at. */
  readonly table?: string | undefined;
}

/** Over so long it is judged whether a lag grows and whether records are bad, ms. */
const recentMs = 60_000;
/** So long nothing may be read although there is something, ms. */
const stuckMs = 10_000;
/** A lag that is gone in less is no problem, s. */
const shortLagSeconds = 5;

/** Those of now, the worst first. `at`: by the gateway's clock, ms. */
export function problemsOf(status: GatewayStatus, history: History, at: number): readonly Problem[] {
  const { connected, reason, tables, topics, schemaMistakes } = status;
  const found: readonly (Problem | undefined)[] = [
    outdated(schemaMistakes),
    connected
      ? undefined
      : {
          id: 'connection',
          severity: 'bad',
          what: 'The topics cannot be reached; tables answer from what they have',
          why: reason ?? undefined,
        },
    ...tables.map(stopped),
    ...missing(topics, tables),
    ...(connected
      ? topics.filter((topic) => !topic.missing && !isStopped(topic, tables)).map((topic) => behind(topic, history, at))
      : []),
    ...tables.map((table) => spoiled(table, history, at)),
  ];
  return found.filter((problem) => problem !== undefined).toSorted((a, b) => rank(a) - rank(b));
}

const rank = ({ severity }: Problem): number => (severity === 'bad' ? 0 : 1);

/** `headgate dev` serves on what it could read last. */
function outdated(mistakes: readonly SchemaMistake[]): Problem | undefined {
  if (mistakes.length === 0) return undefined;
  return {
    id: 'schema',
    severity: 'bad',
    what: mistakes.length === 1 ? 'The schema has a mistake' : `The schema has ${mistakes.length} mistakes`,
    why: 'What it was before is served until it is right again.',
    list: mistakes.map(({ file, line, column, message }) => ({
      place: [file, line, column].filter((part) => part !== null).join(':'),
      text: message,
    })),
  };
}

function stopped({ name, phase, reason }: TableStatus): Problem | undefined {
  switch (phase) {
    case 'FILLING':
    case 'LIVE':
      return undefined;
    case 'HALTED':
      return {
        id: `phase ${name}`,
        severity: 'bad',
        what: `${name} has halted`,
        // As the gateway says it, the reason begins with the same word.
        why: reason?.replace(/^halted /, ''),
        table: name,
      };
    case 'RECREATED':
      return {
        id: `phase ${name}`,
        severity: 'bad',
        what: `${name}: its topic is another one now`,
        why: reason ?? undefined,
        table: name,
      };
  }
}

function missing(topics: readonly TopicStatus[], tables: readonly TableStatus[]): readonly Problem[] {
  const names = new Set(topics.filter((topic) => topic.missing).map(({ topic }) => topic));
  return [...names].map((name): Problem => {
    const partitions = topics.filter(({ topic }) => topic === name);
    const readers = tables.filter((table) => partitions.some((each) => each.tables.includes(table.name)));
    const shared = { id: `missing ${name}`, severity: 'warn', table: readers[0]?.name } as const;
    if (!partitions.some(wasRead)) {
      const waiting = readers.map((table) => table.name).join(', ');
      return { ...shared, what: `The topic ${name} does not exist`, why: `${waiting} will fill when it appears.` };
    }
    const [wait, answer, have] =
      readers.length === 1 ? ['waits', 'answers', 'it has'] : ['wait', 'answer', 'they have'];
    const why = `${readers.map(withRows).join(', ')} ${wait} for it to come back, and ${answer} from what ${have}.`;
    return { ...shared, what: `The topic ${name} is gone`, why };
  });
}

/** `Song (61 rows)`, as far as they are kept and may be counted. */
function withRows({ name, mode, rows }: TableStatus): string {
  if (rows === null || mode === 'STREAM') return name;
  return `${name} (${rows === '1' ? '1 row' : `${inWhole(rows)} rows`})`;
}

/** Records wait, and nothing is read, or more of them than a minute ago and not for a moment only. */
function behind(topic: TopicStatus, history: History, at: number): Problem | undefined {
  const lag = Number(topic.lag ?? 0);
  if (lag === 0) return undefined;
  const name = topic.partition === null ? topic.topic : `${topic.topic}, partition ${topic.partition}`;
  const shared = { severity: 'warn', table: topic.tables[0] } as const;
  const waited = history.value(lagOf(topic), at - stuckMs) ?? 0;
  if (waited > 0 && history.rate(nextOf(topic), at, stuckMs) === 0) {
    return { ...shared, id: `stuck ${name}`, what: `Nothing is read from ${name}`, why: 'Records wait there.' };
  }
  const before = history.value(lagOf(topic), at - recentMs) ?? 0;
  const perSecond = history.rate(nextOf(topic), at) ?? 0;
  if (before === 0 || lag <= before || lag < perSecond * shortLagSeconds) return undefined;
  return { ...shared, id: `lag ${name}`, what: `The lag of ${name} grows`, why: 'It is longer than a minute ago.' };
}

/** Bad records arrive: not those of long ago that a table meets while it fills. */
function spoiled({ name, phase }: TableStatus, history: History, at: number): Problem | undefined {
  if (phase === 'FILLING' || (history.rate(badOf(name), at, recentMs) ?? 0) <= 0) return undefined;
  return {
    id: `bad ${name}`,
    severity: 'warn',
    what: `${name} gets bad records`,
    why: 'Within the last minute; they are among its dead letters.',
    table: name,
  };
}
