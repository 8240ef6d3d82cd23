import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { openBareRows } from './bare-rows.ts';
import type { Order } from './orders.ts';

/**
 * The least that answers the same questions, in a process of its own (argument: a directory of bare rows): node:http over LMDB without
 * GraphQL, with a writer made by hand for these two answers; and `ws` sending one text to every client. Prints its URL. POST /changes
 * sends each line of the body to all clients.
 */
const rows = openBareRows(process.argv[2] ?? '');
const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'graphql-transport-ws' });

function readBody(request: IncomingMessage, take: (text: string) => void): void {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => take(body));
}

/** Only these strings may hold what JSON escapes. */
function write({ id, customerId, status, total, createdAt, note }: Order): string {
  return `{"id":${JSON.stringify(id)},"customerId":${JSON.stringify(customerId)},"status":"${status}","total":"${total}","createdAt":"${createdAt}","note":${JSON.stringify(note)}}`;
}

function answer({ id = '', customerId }: { readonly id?: string; readonly customerId?: string }): string {
  if (customerId !== undefined) {
    return `{"data":{"orders":[${rows.ordersOf(customerId, 100).map(write).join(',')}]}}`;
  }
  const order = rows.order(id);
  return `{"data":{"order":${order === undefined ? 'null' : write(order)}}}`;
}

const server = createServer((request, response) => {
  readBody(request, (body) => {
    if (request.url === '/changes') {
      for (const text of body.split('\n')) for (const client of sockets.clients) client.send(text);
      response.end();
      return;
    }
    const { variables } = JSON.parse(body) as { variables: { id?: string; customerId?: string } };
    const text = answer(variables);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
});
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (client) => {
    // Enough of the protocol that the same client can be used.
    client.on('message', (message) => {
      if (String(message).includes('connection_init')) client.send('{"type":"connection_ack"}');
    });
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
});
