import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Kafka } from 'kafkajs';
import { WebSocketServer } from 'ws';

/**
 * The least that shows clients what comes from Kafka, in a process of its own (arguments: broker, topic): a kafkajs consumer that
 * sends the value of every record to all clients, around it what a frame of Headgate's has. Prints its URL.
 */
const [broker = '', topic = ''] = process.argv.slice(2);
const server = createServer();
const sockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' });
sockets.on('connection', (client) => {
  client.on('message', (message) => {
    if (String(message).includes('connection_init')) client.send('{"type":"connection_ack"}');
  });
});
const consumer = new Kafka({ brokers: [broker], logLevel: 0 }).consumer({ groupId: 'bench' });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  eachMessage: ({ message }) => {
    const text = `{"id":"a","type":"next","payload":{"data":{"order":${String(message.value)}}}}`;
    for (const client of sockets.clients) client.send(text);
    return Promise.resolve();
  },
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
});
