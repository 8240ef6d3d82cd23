/**
 * A scenario is a Markdown file that a person can read and a test runs, block by block, in order:
 *
 *   ```graphql schema         the tables; first, and once
 *   ```records                one commit: lines of `topic[/partition] {"key": …, "value": …, "timestamp": "2026-01-01T10:00:00Z"}`
 *   ```graphql query          asked now …
 *   ```json answer            … and answered with exactly this data (`{"errors": [codes]}` where it fails)
 *   ```graphql subscription   opened now, and the one before ends; what it sends is compared, in order, with
 *   ```json push              the next thing sent. Nothing may be left over at the end.
 *   ```json dropped           dead letters so far, by table: { "Song": ["LATE songs/0 at 3"] }
 *
 * `{{position}}` in a document is the position of the last thing answered or sent.
 */
export type Block =
  | { readonly kind: 'schema' | 'query' | 'subscription'; readonly text: string; readonly line: number }
  | { readonly kind: 'records'; readonly records: readonly ScenarioRecord[]; readonly line: number }
  | { readonly kind: 'answer' | 'push' | 'dropped'; readonly json: unknown; readonly line: number };

export interface ScenarioRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: unknown;
  /** Undefined: none; null: a tombstone. */
  readonly value: unknown;
  readonly timestamp: number;
}

export interface Scenario {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** Throws where a block cannot be read, naming its line. */
export function parseScenario(text: string): Scenario {
  const lines = text.split('\n');
  const title = lines.find((line) => line.startsWith('# '))?.slice(2) ?? 'untitled';
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i += 1) {
    const opening = /^```(.+)$/.exec(lines[i] ?? '')?.[1]?.trim();
    if (opening === undefined) continue;
    const line = i + 1;
    const body: string[] = [];
    for (i += 1; i < lines.length && lines[i] !== '```'; i += 1) body.push(lines[i] ?? '');
    blocks.push(blockOf(opening, body, line));
  }
  return { title, blocks };
}

function blockOf(opening: string, body: readonly string[], line: number): Block {
  const [language, kind] = opening.split(' ');
  if (language === 'records') {
    return { kind: 'records', records: body.filter((each) => each.trim() !== '').map(recordOf), line };
  }
  if (language === 'graphql' && (kind === 'schema' || kind === 'query' || kind === 'subscription')) {
    return { kind, text: body.join('\n'), line };
  }
  if (language === 'json' && (kind === 'answer' || kind === 'push' || kind === 'dropped')) {
    return { kind, json: JSON.parse(body.join('\n')) as unknown, line };
  }
  throw new Error(`line ${line}: no kind of block is called "${opening}"`);
}

function recordOf(text: string): ScenarioRecord {
  const match = /^(?<topic>[\w.-]+)(?:\/(?<partition>\d+))? (?<json>\{.*\})$/.exec(text.trim());
  if (match?.groups === undefined) throw new Error(`no record: ${text}`);
  const { topic = '', partition = '0', json = '' } = match.groups;
  const { key, value, timestamp } = JSON.parse(json) as { key?: unknown; value?: unknown; timestamp?: string };
  return {
    topic,
    partition: Number(partition),
    key,
    value,
    timestamp: timestamp === undefined ? 0 : Date.parse(timestamp),
  };
}
