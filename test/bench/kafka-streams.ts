import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BenchmarkUnavailable } from './harness.ts';

const run = promisify(execFile);
const project = fileURLToPath(new URL('peers/kafka-streams', import.meta.url));

/** Compiles `peers/kafka-streams` with Maven, which fetches Kafka Streams of this version (about 90 MB) the first time. */
export async function buildKafkaStreamsPeer(version: string): Promise<void> {
  try {
    await run('mvn', ['-q', '-B', '-ntp', '-f', join(project, 'pom.xml'), `-Dkafka.version=${version}`, 'compile']);
  } catch (error) {
    throw new BenchmarkUnavailable(`Maven could not build ${project}: ${String(error)}`);
  }
}

export interface KafkaStreamsRun {
  /** The class. */
  readonly program: string;
  readonly brokers: readonly string[];
  readonly topic: string;
  /** A new one, else it goes on where that application ended. */
  readonly application: string;
  readonly stateDirectory: string;
  /** Where what is stored in the end is written to, a line each; absent: nowhere. */
  readonly linesFile?: string | undefined;
}

/** Runs a program to its end: a JVM with its defaults. */
export async function runKafkaStreamsPeer(options: KafkaStreamsRun): Promise<void> {
  const { program, brokers, topic, application, stateDirectory, linesFile } = options;
  const classPath = [join(project, 'target', 'classes'), join(project, 'target', 'dependency', '*')].join(':');
  const args = [brokers.join(','), topic, application, stateDirectory];
  await run('java', ['-cp', classPath, program, ...args, ...(linesFile === undefined ? [] : [linesFile])]);
}
