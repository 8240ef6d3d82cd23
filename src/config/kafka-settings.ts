import { resolve } from 'node:path';
import type { Mistake } from '../common/errors.ts';
import type { OptionName } from './option-table.ts';
import { readText } from './read-text.ts';

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly ssl?: true | { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

type KafkaName = Extract<OptionName, `kafka.${string}`>;

/** The settings of Kafka with its files read; undefined where no brokers are named. Reports what does not belong together. */
export function kafkaSettings(
  value: (name: KafkaName) => unknown,
  cwd: string,
  mistakes: Mistake[],
): KafkaSettings | undefined {
  // Their kinds gave these types.
  const text = (name: KafkaName): string | undefined => value(name) as string | undefined;
  const brokers = value('kafka.brokers') as readonly string[] | undefined;
  const mechanism = value('kafka.saslMechanism') as NonNullable<KafkaSettings['sasl']>['mechanism'] | undefined;
  const username = text('kafka.saslUsername');
  const password = text('kafka.saslPassword');
  const given = [mechanism, username, password].filter((each) => each !== undefined).length;
  if (given === 1 || given === 2) {
    mistakes.push({ message: 'SASL needs kafka.saslMechanism, kafka.saslUsername and kafka.saslPassword, all three.' });
  }
  const files = { ca: text('kafka.sslCaFile'), cert: text('kafka.sslCertFile'), key: text('kafka.sslKeyFile') };
  if ((files.cert === undefined) !== (files.key === undefined)) {
    mistakes.push({
      message: 'A client certificate needs its key: set kafka.sslCertFile and kafka.sslKeyFile together.',
    });
  }
  const pems = Object.entries(files).flatMap(([name, file]) => {
    const pem = file === undefined ? undefined : readText(resolve(cwd, file), file, mistakes);
    return pem === undefined ? [] : [[name, pem] as const];
  });
  if (pems.length > 0 && value('kafka.ssl') === false) {
    mistakes.push({ message: 'kafka.ssl is false, and files for TLS are given. Remove one or the other.' });
  }
  if (brokers === undefined) return undefined;
  return {
    brokers,
    ...(pems.length > 0
      ? { ssl: Object.fromEntries(pems) }
      : value('kafka.ssl') === true
        ? { ssl: true as const }
        : {}),
    ...(mechanism !== undefined && username !== undefined && password !== undefined
      ? { sasl: { mechanism, username, password } }
      : {}),
  };
}
