import { History, type ProducedRecord } from '../generate-history.ts';
import { parseJson, printJson, type Json } from '../json.ts';
import type { Random } from '../random.ts';
import type { SchemaSpec } from '../spec.ts';
import { parseInstant } from '../values.ts';

/**
 * The records of any history, with event times (`at`) that mean something: about now, late, at the edges of buckets, a little or
 * far ahead, before 1970; a row that is written again often keeps the time it had.
 */
export class TimedHistory {
  readonly #random: Random;
  readonly #history: History;
  readonly #schema: SchemaSpec;
  readonly #times = new Map<string, Json>();

  /** `schema` has topic tables alone. */
  constructor(random: Random, schema: SchemaSpec) {
    this.#random = random;
    this.#schema = schema;
    this.#history = new History(random.fork(), schema, { wander: 0.12 });
  }

  sample(table: string, column: string): string | undefined {
    return this.#history.sample(table, column);
  }

  get nowMs(): number {
    return this.#history.nowMs;
  }

  commit(): ProducedRecord[] {
    return this.#history.commit().map((record) => this.#timed(record));
  }

  /** Records for every partition of every topic: what a gateway knows of its topics before the first record. */
  opening(): ProducedRecord[] {
    const missing = new Set(
      this.#schema.tables.flatMap(({ topic, partitions }) =>
        Array.from({ length: partitions }, (_, partition) => `${topic}/${partition}`),
      ),
    );
    const records: ProducedRecord[] = [];
    for (let tries = 0; tries < 2_000 && missing.size > 0; tries += 1) {
      const record = this.#timed(this.#history.record());
      if (missing.delete(`${record.topic}/${record.partition}`)) records.push(record);
    }
    return records;
  }

  #timed(record: ProducedRecord): ProducedRecord {
    const { value, timestamp } = record;
    if (value === null || value === undefined || this.#random.chance(0.08)) return record;
    let json: Json;
    try {
      const printed = new TextDecoder('utf-8', { fatal: true }).decode(value);
      // Other escapes are another text, which JSON columns keep (as in `respaced`).
      if (printed.includes('\\/')) return record;
      json = parseJson(printed);
    } catch {
      return record;
    }
    if (json.t !== 'obj' || !json.entries.some(([name, at]) => name === 'at' && isInstant(at))) return record;
    const key = `${record.topic} ${Buffer.from(record.key ?? []).toString('hex')}`;
    const known = record.key === null ? undefined : this.#times.get(key);
    const at = known !== undefined && this.#random.chance(0.55) ? known : this.#draw(timestamp);
    this.#times.set(key, at);
    const entries = json.entries.map(([name, old]) => [name, name === 'at' ? at : old] as const);
    return { ...record, value: Buffer.from(printJson({ t: 'obj', entries })) };
  }

  #draw(timestamp: number): Json {
    const random = this.#random;
    const draw = random.int(100);
    if (draw < 30) return ms(timestamp + random.between(-3_000, 3_000));
    if (draw < 60) {
      const size = random.pick([5_000, 5_000, 10_000, 30_000, 60_000, 3_600_000]);
      return ms(Math.floor(timestamp / size) * size + random.pick([-1, 0, 0, 1]));
    }
    if (draw < 66) return text(`${new Date(timestamp).toISOString().slice(0, -1)}${random.pick(['001', '999'])}Z`);
    if (draw < 82) return ms(timestamp - random.pick([5_000, 15_000, 30_000, 120_000]));
    if (draw < 87) return ms(timestamp - random.pick([3_600_000, 86_400_000]));
    if (draw < 91) return ms(timestamp + random.pick([15_000, 60_000]));
    if (draw < 95) return ms(timestamp + 86_400_000 + random.pick([0, 1, 86_400_000]));
    return random.pick([text('1969-12-31T23:59:59.999999Z'), ms(-1), ms(-5_000), ms(0), text('1600-02-29T00:00:00Z')]);
  }
}

const ms = (value: number): Json => ({ t: 'num', text: String(value) });
const text = (value: string): Json => ({ t: 'str', value });

function isInstant(json: Json): boolean {
  return json.t === 'num' ? /^-?\d+$/.test(json.text) : json.t === 'str' && parseInstant(json.value) !== undefined;
}
