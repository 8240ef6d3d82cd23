import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { openBareStore } from './bare-store.ts';

/**
 * The least that answers the same questions, in a process of its own (argument: a bare store's directory): node:http over LMDB
 * without GraphQL, and `ws` sending one text to every client. Prints its URL. POST /changes sends each line of the body to all clients.
 */
const store = openBareStore(process.argv[2] ?? '', { readOnly: true });
const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'graphql-transport-ws' });

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function answer(variables: { readonly id?: string; readonly customerId?: string }): string {
  if (variables.customerId !== undefined) {
    return `{"data":{"orders":[${store.rowsOf(variables.customerId, 100).map(String).join(',')}]}}`;
  }
  return `{"data":{"order":${String(store.row(variables.id ?? '') ?? null)}}}`;
}

const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    if (request.url === '/changes') {
      for (const text of body.toString().split('\n')) for (const client of sockets.clients) client.send(text);
      response.end();
      return;
    }
    const { variables } = JSON.parse(body.toString()) as { variables: { id?: string; customerId?: string } };
    const text = Buffer.from(answer(variables));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
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
