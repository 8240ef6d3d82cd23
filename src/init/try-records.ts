import { buildCatalog } from '../catalog/build.ts';
import { must } from '../common/errors.ts';
import { createDecoder } from '../decode/decode.ts';
import type { RecordLine } from '../source/record-lines.ts';
import type { TableDraft } from './draft.ts';
import { printDraft } from './print-draft.ts';
import type { Refusal } from './relax.ts';

/** What a record is to a table: undefined, a row or a deletion, or one that `accept` leaves out; else why it is a bad one. */
export type TryRecord = (record: RecordLine) => Refusal | undefined;

/** Decodes records by the tables' schema, as the gateway would, keeping nothing. By the type's name. */
export function tryTables(drafts: readonly TableDraft[]): ReadonlyMap<string, TryRecord> {
  const catalog = buildCatalog(drafts.map((draft) => ({ file: `${draft.type}.graphql`, text: printDraft(draft) })));
  return new Map(
    drafts.map(({ type, topic }) => {
      const table = must(
        catalog.topicTables.find(({ name }) => name === type),
        `there is no table ${type}`,
      );
      const decode = createDecoder(table);
      const attempt: TryRecord = ({ key, value, headers, timestampMs = 0 }) => {
        const decoded = decode({ topic, partition: 0, offset: 0, timestampMs, key, value, headers });
        if (decoded.kind !== 'bad') return undefined;
        const { code, reason } = decoded;
        return { code, reason, column: /^column `([^`]+)`/.exec(reason)?.[1] };
      };
      return [type, attempt] as const;
    }),
  );
}
