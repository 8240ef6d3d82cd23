import { Kafka } from 'kafkajs';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { startBroker } from './kafka-broker.ts';
const partitions = 48;
const kafka = await startBroker();
try {
  const client = new Kafka({ brokers: [...kafka.brokers], logLevel: 0 });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'songs', numPartitions: partitions }], waitForLeaders: true });
  await admin.disconnect();
  const producer = client.producer();
  await producer.connect();
  let n = 0;
  for (let round = 0; round < 24; round += 1) {
    for (let p = 0; p < partitions; p += 8) {
      await producer.sendBatch({ topicMessages: [{ topic: 'songs', messages: Array.from({ length: 8 * 500 }, (_, i) => { n += 1; return { partition: p + (i % 8), key: `s${n}`, value: JSON.stringify({ title: 'x'.repeat(900), artist: `a${n % 1000}` }) }; }) }] });
    }
  }
  await producer.disconnect();
  console.log('produced', n);
  for (const dist of process.argv.slice(2)) {
    const child = spawn('node', ['/tmp/fill.mjs', dist, kafka.brokers.join(',')], { stdio: ['ignore', 'pipe', 'inherit'] });
    let max = 0;
    const timer = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        const anon = Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0);
        max = Math.max(max, anon);
      } catch {}
    }, 50);
    child.stdout.on('data', (d: Buffer) => process.stdout.write(d));
    await new Promise((resolve) => child.once('exit', resolve));
    clearInterval(timer);
    console.log(dist, 'max anonymous memory', (max / 1024).toFixed(0), 'MiB');
  }
} finally {
  await kafka.stop();
}
