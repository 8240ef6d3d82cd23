import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const pom = fileURLToPath(new URL('pom.xml', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Folder of everything the broker needs that is not in the repository: jars, formatted templates, data of `npm run kafka`. */
export const kafkaFolder = join(root, '.kafka');

export interface Distribution {
  readonly version: string;
  /** Folder of the jars. */
  readonly libs: string;
}

/** No broker can be started on this machine; the message says what is missing and how to get it. */
export class KafkaUnavailable extends Error {
  override readonly name = 'KafkaUnavailable';
}

/**
 * The broker's jars, fetched by Maven the first time (about 150 MB). Throws KafkaUnavailable where Java 17, Maven or the
 * jars are missing. Two processes may call it at once: the last to finish finds the folder there.
 */
export async function kafkaDistribution(report: (line: string) => void = () => {}): Promise<Distribution> {
  const version = /<kafka\.version>(.+?)<\/kafka\.version>/.exec(await readFile(pom, 'utf8'))?.[1];
  if (version === undefined) throw new KafkaUnavailable(`${pom} names no kafka.version`);
  const java = await javaVersion();
  if (java === undefined) {
    throw new KafkaUnavailable('Java is missing: install a Java 17 runtime and put `java` on the PATH');
  }
  if (java < 17)
    throw new KafkaUnavailable(`Java ${java} is too old for Apache Kafka ${version}: install Java 17 or newer`);
  const libs = join(kafkaFolder, `libs-${version}`);
  if (!existsSync(libs)) await download(libs, version, report);
  return { version, libs };
}

async function javaVersion(): Promise<number | undefined> {
  try {
    const { stderr, stdout } = await run('java', ['-version']);
    return Number(/version "(\d+)/.exec(stderr + stdout)?.[1] ?? 0);
  } catch {
    return undefined;
  }
}

async function download(libs: string, version: string, report: (line: string) => void): Promise<void> {
  const maven = await run('mvn', ['-v']).catch(() => undefined);
  if (maven === undefined) {
    throw new KafkaUnavailable(
      'Maven is missing: install `mvn` (it fetches the jars of Apache Kafka once) and try again',
    );
  }
  report(`Fetching Apache Kafka ${version} with Maven, once …`);
  await mkdir(kafkaFolder, { recursive: true });
  const partial = `${libs}.${process.pid}`;
  try {
    await mvn(['dependency:copy-dependencies', `-DoutputDirectory=${partial}`, '-DincludeScope=runtime']);
    if (!existsSync(libs)) await rename(partial, libs);
  } catch (error) {
    throw new KafkaUnavailable(`Maven could not fetch Apache Kafka ${version}: ${String(error)}`);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function mvn(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('mvn', ['-q', '-B', '-ntp', '-f', pom, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(said.slice(-1_000) || `exit code ${code}`)),
    );
  });
}

/** Arguments of `java` up to and without the main class: a small heap, quick to start, quiet. */
export function javaArguments(distribution: Distribution, logFile: string): string[] {
  const log4j = fileURLToPath(new URL('log4j2.properties', import.meta.url));
  return [
    '-Xms128m',
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Xshare:auto',
    `-XX:ActiveProcessorCount=${Math.min(2, availableParallelism())}`,
    '-Djava.awt.headless=true',
    `-Dlog4j2.configurationFile=${log4j}`,
    `-Dheadgate.log=${logFile}`,
    '-cp',
    join(distribution.libs, '*'),
  ];
}
