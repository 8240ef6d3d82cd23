import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { javaArguments, kafkaDistribution, kafkaFolder } from './distribution.ts';

export interface ConsumedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

const nullText = '<null>';

/** The first `count` records of a topic as Apache Kafka's own console consumer reads them: other code, another language. */
export async function consumeWithJava(
  brokers: readonly string[],
  topic: string,
  count: number,
): Promise<readonly ConsumedRecord[]> {
  if (count === 0) return [];
  const distribution = await kafkaDistribution();
  const properties = {
    'print.partition': 'true',
    'print.offset': 'true',
    'print.key': 'true',
    'null.literal': nullText,
  };
  const child = spawn(
    'java',
    [
      ...javaArguments(distribution, join(kafkaFolder, 'console-consumer.log')),
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      '--bootstrap-server',
      brokers.join(','),
      '--topic',
      topic,
      '--from-beginning',
      '--max-messages',
      String(count),
      '--isolation-level',
      'read_committed',
      '--timeout-ms',
      '30000',
      ...Object.entries(properties).flatMap(([name, value]) => ['--formatter-property', `${name}=${value}`]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  const lines = out.split('\n').filter((line) => line !== '');
  if (code !== 0 || lines.length !== count) {
    throw new Error(
      `the console consumer read ${lines.length} of ${count} records (exit code ${String(code)}): ${err}`,
    );
  }
  return lines.map((line) => {
    const [partition = '', offset = '', key = '', value = ''] = line.split('\t');
    return {
      partition: Number(partition.replace('Partition:', '')),
      offset: Number(offset.replace('Offset:', '')),
      key: key === nullText ? null : key,
      value: value === nullText ? null : value,
    };
  });
}
