import type { Table } from '../catalog/catalog.ts';
import { GatewayError, unreachable } from '../common/errors.ts';
import type { Snapshot } from '../store/store.ts';
import type { Unavailable } from './query.ts';

/** Throws where a table of the operation cannot answer. */
export function checkServing(tables: readonly Table[], snapshot: Snapshot): void {
  for (const table of tables) {
    const why = unavailable(table, snapshot.state(table));
    if (why !== undefined) throw new GatewayError('TOPIC_RECREATED', why, { table: table.name });
  }
}

const unavailable: Unavailable = (table, { phase, reason }) => {
  switch (phase) {
    case 'filling':
    case 'live':
    case 'halted':
      return undefined;
    case 'recreated':
      return reason === undefined
        ? `A topic of ${table.name} was deleted and created again. Rebuild it with \`headgate serve --rebuild ${table.name}\`.`
        : `${table.name} cannot answer: ${reason}.`;
    default:
      return unreachable(phase);
  }
};
