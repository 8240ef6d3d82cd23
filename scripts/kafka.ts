/**
 * `npm run kafka`: a real Apache Kafka on 127.0.0.1:29092 (HEADGATE_KAFKA_PORT names another port), in the foreground,
 * ended by ctrl-C. Its data stays in `.kafka/data`; `npm run kafka -- --fresh` begins with none.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KafkaUnavailable, kafkaFolder } from '../test/support/kafka/distribution.ts';
import { startKafka } from '../test/support/kafka/start-kafka.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const dir = join(kafkaFolder, 'data');
const port = Number(process.env['HEADGATE_KAFKA_PORT'] ?? 29_092);

try {
  if (process.argv.includes('--fresh')) await rm(dir, { recursive: true, force: true });
  say('Starting Apache Kafka …');
  const kafka = await startKafka({ port, dir, report: say });
  say(`Apache Kafka listens on ${kafka.brokers.join(',')} (process ${kafka.pid}). Data and broker.log: ${dir}`);
  say(`Topics are not created by themselves. End with ctrl-C.`);
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    say('Stopping …');
    void kafka.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', end).on('SIGTERM', end);
} catch (error) {
  process.stderr.write(`${error instanceof KafkaUnavailable ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
