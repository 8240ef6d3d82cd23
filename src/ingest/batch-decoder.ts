import type { Catalog, TopicTable } from '../catalog/catalog.ts';
import { createDecoder } from '../decode/decode.ts';
import type { Decoder } from '../decode/decoder.ts';
import type { RecordBatch, SourceRecord } from '../source/source.ts';
import type { StoredColumns } from '../store/row-codec.ts';
import { createRowWriter } from '../store/row-writer.ts';
import type { RowWriter } from '../store/row-writer.ts';
import type { Slice } from '../store/slab.ts';
import { bytesBeforeKeys, columnsOf, recordKinds } from './decoded-batch.ts';
import type { BadRecord, DecodedBatch, DecodedRecords } from './decoded-batch.ts';

/** Decodes a batch for every table that reads its topic. Never throws; keeps nothing of the batch, whose bytes may be used again. */
export type BatchDecoder = (batch: RecordBatch) => DecodedBatch;

/** `storedColumns` as the store has it (`Store.storedColumns`), which may be open in another thread. */
export function createBatchDecoder(
  catalog: Catalog,
  storedColumns: (table: TopicTable) => StoredColumns,
): BatchDecoder {
  const byTopic = new Map<string, { readonly decode: Decoder; readonly writeRow: RowWriter }[]>();
  for (const table of catalog.topicTables) {
    const tables = byTopic.get(table.topic) ?? [];
    byTopic.set(table.topic, tables);
    tables.push({ decode: createDecoder(table), writeRow: createRowWriter({ table, ...storedColumns(table) }) });
  }
  return ({ topic, partition, records, next, end }) => ({
    topic,
    partition,
    count: records.length,
    next,
    end,
    tables: (byTopic.get(topic) ?? []).map(({ decode, writeRow }) => decodeRecords(records, decode, writeRow)),
  });
}

function decodeRecords(records: readonly SourceRecord[], decode: Decoder, writeRow: RowWriter): DecodedRecords {
  const kinds = new Uint8Array(records.length);
  const rowBytes = new Uint32Array(records.length);
  const keys: (Uint8Array | undefined)[] = [];
  let keysLength = 0;
  const runs: Run[] = [];
  let rowsLength = 0;
  const bad: BadRecord[] = [];
  for (let i = 0; i < records.length; i += 1) {
    const decoded = decode(records[i] as SourceRecord);
    kinds[i] = recordKinds.indexOf(decoded.kind);
    let key: Uint8Array | undefined;
    if (decoded.kind === 'row') {
      ({ key } = decoded.row);
      const row = writeRow(decoded.row);
      addToRuns(runs, row);
      rowBytes[i] = row.end - row.start;
      rowsLength += row.end - row.start;
    } else if (decoded.kind === 'delete') {
      ({ key } = decoded);
    } else if (decoded.kind === 'bad') {
      bad.push({ record: i, code: decoded.code, reason: decoded.reason });
    }
    keys.push(key);
    keysLength += key?.length ?? 0;
  }

  const keysStart = bytesBeforeKeys * records.length;
  const rowsStart = keysStart + keysLength;
  const memory = new ArrayBuffer(rowsStart + rowsLength);
  const bytes = Buffer.from(memory);
  const columns = columnsOf(memory, records.length);
  columns.kinds.set(kinds);
  let keyAt = keysStart;
  let rowAt = rowsStart;
  for (let i = 0; i < records.length; i += 1) {
    const { offset, timestampMs } = records[i] as SourceRecord;
    columns.offsets[i] = offset;
    columns.timestampsMs[i] = timestampMs;
    const key = keys[i];
    if (key !== undefined) {
      bytes.set(key, keyAt);
      keyAt += key.length;
    }
    columns.keyEnds[i] = keyAt;
    columns.rowEnds[i] = rowAt += rowBytes[i] ?? 0;
  }
  let at = rowsStart;
  for (const { slab, start, end } of runs) at += slab.bytes.copy(bytes, at, start, end);
  return { memory, bad };
}

/** Rows that stand one behind another: they are copied at once. */
interface Run extends Slice {
  end: number;
}

function addToRuns(runs: Run[], { slab, start, end }: Slice): void {
  const last = runs.at(-1);
  if (last?.slab === slab && last.end === start) last.end = end;
  else runs.push({ slab, start, end });
}
