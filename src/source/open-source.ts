import { createKafkaSource } from './kafka.ts';
import type { KafkaOptions } from './kafka.ts';
import { createLogSource } from './log.ts';
import type { Source } from './source.ts';

/** Where records come from; plain data, so that it can cross to the writer's thread. */
export type SourceOptions =
  { readonly kind: 'log'; readonly directory: string } | { readonly kind: 'kafka'; readonly kafka: KafkaOptions };

/** A source of its kind, not started. */
export function openSource(options: SourceOptions): Source {
  return options.kind === 'log' ? createLogSource(options) : createKafkaSource(options.kafka);
}
