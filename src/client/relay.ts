import { Network, Observable } from 'relay-runtime';
import type {
  GraphQLResponse,
  INetwork,
  RecordProxy,
  RecordSourceSelectorProxy,
  RequestParameters,
  Variables,
} from 'relay-runtime';
import type { LiveClient, LivePayload } from './live-client.ts';
import { fetchAtLeast, type Positions } from './positions.ts';

export interface RelayNetworkOptions {
  /** Of queries, over HTTP. */
  readonly url: string;
  /** For subscriptions: `createLiveClient`. */
  readonly connection: LiveClient;
  readonly positions?: Positions;
  /** Asked for each query: `{ authorization }`. */
  readonly headers?: () => Record<string, string> | Promise<Record<string, string>>;
  /** Default: the one there is. */
  readonly fetch?: typeof fetch;
}

/**
 * `headgate/client/relay`: queries over HTTP; over the live connection subscriptions, and queries that are to be live: those with a
 * `liveConfigId` (any) are kept up to date for as long as they are shown. Relay puts the results of a subscription apart from those of
 * queries, so it takes this for a list to change:
 *
 * `useLazyLoadQuery(query, variables, { networkCacheConfig: { liveConfigId: 'live' } })`
 *
 * `new Environment({ network: relayNetwork({ … }), getDataID: nodeIdOf, store })`
 */
export function relayNetwork({ url, connection, positions, headers, fetch: given }: RelayNetworkOptions): INetwork {
  const base: typeof fetch = given ?? ((input, init) => fetch(input, init));
  const send = positions === undefined ? base : fetchAtLeast(positions, base);

  async function ask(request: RequestParameters, variables: Variables): Promise<GraphQLResponse> {
    const response = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await headers?.()) },
      body: JSON.stringify({ ...documentOf(request), operationName: request.name, variables }),
    });
    return (await response.json()) as GraphQLResponse;
  }

  function follow(document: LivePayload, { name }: RequestParameters, variables: Variables) {
    return Observable.create<GraphQLResponse>((sink) =>
      connection.subscribe(
        { ...document, operationName: name, variables },
        {
          next: (result) => sink.next(result as GraphQLResponse),
          error: (error) => sink.error(errorOf(error)),
          complete: () => sink.complete(),
        },
      ),
    );
  }

  return Network.create(
    (request, variables, { liveConfigId }) =>
      typeof liveConfigId === 'string' ? follow(liveDocumentOf(request), request, variables) : ask(request, variables),
    (request, variables) => follow(documentOf(request), request, variables),
  );
}

function documentOf({ id, text }: RequestParameters): LivePayload {
  // One of the two is there.
  return typeof text === 'string' ? { query: text } : { documentId: id as string };
}

/** Of a query its live version. The compiler prints the keyword first; of a document that is named, the gateway has the text. */
function liveDocumentOf({ id, text }: RequestParameters): LivePayload {
  if (typeof text !== 'string') return { documentId: id as string, extensions: { live: true } };
  return { query: text.replace(/^query\b/, 'subscription') };
}

function errorOf(error: unknown): Error {
  if (error instanceof Error) return error;
  const { reason, code } = error as { reason?: string; code?: number };
  const messages = Array.isArray(error)
    ? error.map(({ message }: { message: string }) => message).join(' ')
    : undefined;
  return new Error(messages ?? `The connection was closed (${code}): ${reason}`);
}

/**
 * The `getDataID` of an environment: rows are told apart by `nodeId`, since an `id` is unique in its table only. Goes with the compiler's
 * `schemaConfig: { nodeInterfaceIdField: 'nodeId', nodeInterfaceIdVariableName: 'nodeId' }`.
 */
export function nodeIdOf(row: { readonly nodeId?: unknown }): string {
  return row.nodeId as string;
}

export interface ChangesUpdater {
  /** `songChanges`: selected with `changes { node { … } }`, `deletedNodeIds` and `reset`. */
  readonly changes: string;
  /** A list at the root that the changes are folded into; without it only the rows themselves are. */
  readonly list?: { readonly field: string; readonly args?: Record<string, unknown> };
  /** Where rows belong; without it new ones come last. */
  readonly compare?: (a: RecordProxy, b: RecordProxy) => number;
}

/** The `updater` of `requestSubscription` with a change stream: deletes rows from the store, and keeps a list. */
export function changesUpdater({ changes, list, compare }: ChangesUpdater): (store: RecordSourceSelectorProxy) => void {
  return (store) => {
    const message = store.getRootField(changes) as RecordProxy | null | undefined;
    if (message === null || message === undefined) return;
    const deleted = new Set((message.getValue('deletedNodeIds') ?? []) as string[]);
    if (list !== undefined) {
      const root = store.getRoot();
      const known = message.getValue('reset') === true ? [] : (root.getLinkedRecords(list.field, list.args) ?? []);
      const rows = new Map<string, RecordProxy>();
      for (const row of known) if (!deleted.has(row.getDataID())) rows.set(row.getDataID(), row);
      for (const change of message.getLinkedRecords('changes') ?? []) {
        const node = change.getLinkedRecord('node');
        if (node !== null && node !== undefined) rows.set(node.getDataID(), node);
      }
      const folded = [...rows.values()];
      root.setLinkedRecords(compare === undefined ? folded : folded.sort(compare), list.field, list.args);
    }
    for (const id of deleted) store.delete(id);
  };
}
