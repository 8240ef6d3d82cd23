import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProducedRecord } from './generate-history.ts';
import { parseJson } from './json.ts';
import type { LogRecord } from './naive.ts';
import type { SchemaSpec } from './spec.ts';
import type { WireTopics } from './wire-round.ts';

/** Writes an embedded log as another program would, and remembers what it wrote. */
export class WireLog implements WireTopics {
  readonly #directory: string;
  readonly #lengths = new Map<string, number>();
  readonly acknowledged = new Map<string, number>();
  readonly records: LogRecord[] = [];

  constructor(directory: string, schema: SchemaSpec) {
    this.#directory = directory;
    for (const { topic, partitions } of schema.tables) {
      mkdirSync(join(directory, topic), { recursive: true });
      for (let n = 0; n < partitions; n += 1) {
        writeFileSync(this.#file(topic, n), '');
        this.#lengths.set(`${topic}/${n}`, 0);
      }
    }
  }

  #file(topic: string, partition: number): string {
    return join(this.#directory, topic, `${partition}.ndjson`);
  }

  async write(records: readonly ProducedRecord[]): Promise<void> {
    for (const record of records) this.#append(record);
  }

  #append(produced: ProducedRecord): void {
    const { topic, partition, timestamp, headers } = produced;
    const key = produced.key === null ? null : textOf(produced.key);
    // A line cannot say a key that is no text.
    if (key === undefined) return;
    const value = valueText(produced.value);
    const members = [
      `"key":${JSON.stringify(key)}`,
      `"timestamp":${timestamp}`,
      `"headers":${JSON.stringify(headers)}`,
    ];
    if (value !== undefined) members.push(`"value":${value.text}`);
    const line = `{${members.join(',')}${value?.isJson === false ? '' : '}'}\n`;
    const id = `${topic}/${partition}`;
    const offset = this.#lengths.get(id) ?? 0;
    appendFileSync(this.#file(topic, partition), line);
    this.#lengths.set(id, offset + Buffer.byteLength(line));
    this.acknowledged.set(id, offset);
    this.records.push({
      topic,
      partition,
      offset,
      timestampMs: timestamp,
      key: produced.key,
      value: value?.isJson === true ? (value.text === 'null' ? null : Buffer.from(value.text)) : undefined,
      headers: new Map(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    });
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString();
  return Buffer.from(text).equals(Buffer.from(bytes)) ? text : undefined;
}

/** The value's JSON on one line; what is no JSON makes the whole line unreadable, which is a bad record as well. */
function valueText(
  bytes: Uint8Array | null | undefined,
): { readonly text: string; readonly isJson: boolean } | undefined {
  if (bytes === undefined) return undefined;
  if (bytes === null) return { text: 'null', isJson: true };
  const text = (textOf(bytes) ?? '{"a').replaceAll('\n', ' ');
  try {
    parseJson(text);
    return { text: text.trim(), isJson: true };
  } catch {
    return { text: '{"unfinished":', isJson: false };
  }
}
