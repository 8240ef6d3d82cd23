import { setTimeout as pause } from 'node:timers/promises';
import { getVariableValues, Kind, parse } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { buildCatalog } from '../catalog/build.ts';
import type { Table } from '../catalog/catalog.ts';
import { SetupError } from '../common/errors.ts';
import { createWork } from '../common/work.ts';
import type { Environment } from '../config/environment.ts';
import { loadSchemaFiles } from '../config/load.ts';
import type { ColumnType } from '../model/value.ts';
import { createQueryEngine } from '../query/engine.ts';
import { isVisible } from '../query/visible.ts';
import { liveClientOptions } from '../client/client.ts';
import type { Command } from './command.ts';
import { findTable } from './find-table.ts';
import { credentialsIn, gatewayAddress, gatewayHelp, setCredentials } from './reach-gateway.ts';
import { stopSignal } from './run-gateway.ts';

/** With which a gateway closes a WebSocket whose credentials are no good. */
const unauthorizedCloseCode = 4401;
/** Between attempts to reach a gateway that does not answer, ms. */
const retryMs = 1_000;

interface TailMessage {
  readonly position: string;
  readonly complete: boolean;
  readonly changes: readonly {
    readonly operation: 'INSERT' | 'UPDATE' | 'DELETE';
    readonly rowId: string;
    readonly node: unknown;
    readonly changedFields: readonly string[];
    readonly timestamp: string;
  }[];
}

export const tail: Command = {
  usage: 'TABLE [--where JSON] [--host H] [--port N]',
  help: `Prints the changes of a table, one a line, as the running gateway commits them. TABLE is the type's name; --where takes
the generated filter, as JSON: --where '{"title":{"startsWith":"A"}}'. Survives restarts of the gateway; Ctrl-C ends it.

Where the gateway identifies callers, tail shows it the token in HEADGATE_TOKEN, or the API key in HEADGATE_API_KEY. They are no
flags: other users of the machine can read the command line.`,
  positionals: ['TABLE'],
  options: ['schema', 'host', 'port'],
  optionHelp: gatewayHelp,
  flags: { where: { placeholder: 'JSON', help: 'Only rows that match, as a filter of the generated API.' } },
  async run(call) {
    const catalog = buildCatalog(await loadSchemaFiles(call.options.schema, call.cwd));
    const hasChanges = (each: Table): boolean => isVisible(each) && each.expose.changes;
    const table = findTable(catalog, call.positionals[0] ?? '', hasChanges, ' with changes to follow');
    const where = readWhere(call.flags.get('where'));
    const query = tailDocument(table);
    checkWhere(createQueryEngine({ catalog, work: createWork(), limits: call.options.limits }).schema, query, where);
    const scheme = call.options.tls === undefined ? 'ws' : 'wss';
    const url = `${scheme}://${gatewayAddress(call.options)}/graphql`;
    const stopped = new AbortController();
    const signal = stopSignal().then(() => {
      stopped.abort();
      return 0;
    });
    let answers = true;
    let expired = (): void => {};
    const client = createClient(
      liveClientOptions({
        url,
        webSocketImpl: WebSocket,
        connectionParams: credentialsIn(call.env),
        shouldRetry: () => !stopped.signal.aborted,
        retryWait: () => pause(retryMs, undefined, { signal: stopped.signal }).catch(() => {}),
        on: {
          error() {
            if (answers) call.err(`No gateway answers at ${url}; trying again. Start one with headgate serve.\n`);
            answers = false;
          },
          closed(event) {
            // The token of the environment is the only one there is: asking with it again would go on for ever.
            if ((event as { code?: unknown }).code === 4403 && !stopped.signal.aborted) expired();
          },
          connected() {
            if (!answers) call.err('The gateway answers.\n');
            answers = true;
          },
        },
      }),
    );
    const field = `${table.singular}Changes`;
    // Sent again with every attempt to connect: after a restart the changes go on where they were left.
    const variables: { where: unknown; after?: string } = { where };
    const ended = new Promise<number>((resolve) => {
      expired = () => {
        call.err('The token in HEADGATE_TOKEN has expired or was revoked. Set a new one, and start again.\n');
        resolve(1);
      };
      client.subscribe<Record<string, TailMessage>>(
        { query, variables },
        {
          next({ data, errors }) {
            for (const error of errors ?? []) call.err(`${inFlags(error.message)}${hintOn(error, call.env)}\n`);
            if (errors !== undefined) resolve(1);
            const message = data?.[field];
            for (const change of message?.changes ?? []) call.out(changeLine(change));
            if (message?.complete === true) variables.after = message.position;
          },
          error(cause) {
            if (!stopped.signal.aborted) call.err(`${inFlags(messageOf(cause))}${hintOn(cause, call.env)}\n`);
            resolve(1);
          },
          complete: () => resolve(0),
        },
      );
    });
    const code = await Promise.race([signal, ended]);
    stopped.abort();
    // What a socket says as it is closed concerns nobody any more.
    await Promise.resolve(client.dispose()).catch(() => {});
    return code;
  },
};

/** What to do about a gateway that wants to know who asks. */
function hintOn(cause: unknown, env: Environment): string {
  const [first]: readonly unknown[] = Array.isArray(cause) ? cause : [cause];
  const isUnidentified =
    typeof first === 'object' &&
    first !== null &&
    (('extensions' in first && (first.extensions as { code?: unknown } | undefined)?.code === 'UNAUTHENTICATED') ||
      ('code' in first && first.code === unauthorizedCloseCode));
  const sent = Object.keys(credentialsIn(env)).length > 0;
  return isUnidentified && !sent ? ` ${setCredentials}` : '';
}

function readWhere(given: string | true | undefined): unknown {
  if (typeof given !== 'string') return undefined;
  try {
    return JSON.parse(given);
  } catch (cause) {
    throw new SetupError([
      { message: `--where is not JSON (${messageOf(cause)}). Write it like --where '{"title":{"eq":"Blue"}}'.` },
    ]);
  }
}

/**
 * Looks for mistakes in the filter here, with the names that it might have been: a gateway tells these to nobody unless introspection
 * is on.
 */
function checkWhere(schema: GraphQLSchema, query: string, where: unknown): void {
  const [operation] = parse(query).definitions;
  if (where === undefined || operation?.kind !== Kind.OPERATION_DEFINITION) return;
  const { errors = [] } = getVariableValues(schema, operation.variableDefinitions ?? [], { where });
  if (errors.length > 0) throw new SetupError(errors.map(({ message }) => ({ message: inFlags(message) })));
}

function tailDocument(table: Table): string {
  const columns = table.columns.filter((column) => !column.hidden);
  const selection = columns.map((column) => `${column.name}${subselection(column.type)}`).join(' ');
  return `subscription Tail($where: ${table.name}Where, $after: String) {
  ${table.singular}Changes(where: $where, after: $after) {
    changes { operation rowId node { ${selection} } changedFields timestamp }
    position complete
  }
}`;
}

/** What a gateway says of the variable, as whoever wrote the flag knows it. */
function inFlags(message: string): string {
  return message.replaceAll('Variable "$where"', '--where');
}

function subselection(type: ColumnType): string {
  if (type.kind === 'list') return subselection(type.element);
  if (type.kind !== 'object') return '';
  return ` { ${type.fields.map((field) => `${field.name}${subselection(field.type)}`).join(' ')} }`;
}

function changeLine({ operation, rowId, node, changedFields, timestamp }: TailMessage['changes'][number]): string {
  const changed = operation === 'UPDATE' ? ` (${changedFields.join(', ')})` : '';
  const row = node === null ? '' : ` ${JSON.stringify(node)}`;
  return `${timestamp} ${operation.padEnd(6)} ${rowId}${row}${changed}\n`;
}

function messageOf(cause: unknown): string {
  if (Array.isArray(cause)) return cause.map((each: { message: string }) => each.message).join('\n');
  if (cause instanceof Error) return cause.message;
  return typeof cause === 'object' && cause !== null && 'reason' in cause ? String(cause.reason) : String(cause);
}
