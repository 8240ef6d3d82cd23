import type { OperationDefinitionNode } from 'graphql';
import type { Table } from '../catalog/catalog.ts';
import { GatewayError } from '../common/errors.ts';
import { coerceInput, CoercionError } from '../model/coerce.ts';
import { decodePosition } from '../model/position.ts';
import type { ScalarName, Value } from '../model/value.ts';
import { directiveValues } from './graphql-values.ts';
import type { Variables } from './graphql-values.ts';
import type { AtLeast, OperationRequest } from './query.ts';
import { atLeastDirective } from './schema.ts';
import { isVisible } from './visible.ts';

type Input = Readonly<Record<string, unknown>>;

/**
 * What `@atLeast` and `extensions.atLeast` ask for together; undefined where that is nothing. Throws BAD_USER_INPUT, and
 * graphql's own error for an argument of the directive.
 */
export function readAtLeast(
  operation: OperationDefinitionNode,
  variables: Variables,
  extensions: OperationRequest['extensions'],
  tables: readonly Table[],
): AtLeast | undefined {
  const inputs = [directiveValues(atLeastDirective, operation, variables), readExtension(extensions?.['atLeast'])];
  const topics = topicsOf(tables);
  // Those of tables that only rules lead to can be waited for, and are not named.
  const shown = topicsOf(tables.filter(isVisible));
  const next = new Map<string, Map<number, number>>();
  let timeoutMs = 0;
  for (const input of inputs) {
    if (input === undefined) continue;
    timeoutMs = Math.max(timeoutMs, readTimeout(input['timeoutMs']));
    for (const place of [...readPosition(input['position'], topics), ...readOffsets(input['offsets'], topics, shown)]) {
      const partitions = next.get(place.topic) ?? new Map<number, number>();
      partitions.set(place.partition, Math.max(place.next, partitions.get(place.partition) ?? 0));
      next.set(place.topic, partitions);
    }
  }
  return next.size === 0 ? undefined : { next, timeoutMs };
}

function topicsOf(tables: readonly Table[]): ReadonlySet<string> {
  return new Set(tables.flatMap((table) => table.bases.map(({ topic }) => topic)));
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
}

/** Only what the operation's tables read: a position may cover more. Headgate's own commits count in one store alone. */
function readPosition(token: unknown, topics: ReadonlySet<string>): readonly Place[] {
  if (typeof token !== 'string') return [];
  return [...decodePosition(token).offsets].flatMap(([topic, partitions]) =>
    topics.has(topic) ? [...partitions].map(([partition, next]) => ({ topic, partition, next })) : [],
  );
}

function readOffsets(offsets: unknown, topics: ReadonlySet<string>, shown: ReadonlySet<string>): readonly Place[] {
  return ((offsets ?? []) as readonly Input[]).map((entry) => {
    const topic = entry['topic'] as string;
    const partition = entry['partition'] as number;
    const offset = entry['offset'] as bigint;
    if (!topics.has(topic)) {
      const known = [...shown].toSorted().join(', ');
      throw new GatewayError(
        'BAD_USER_INPUT',
        `atLeast: no table of this operation reads topic "${topic}", so it cannot be waited for here. They read ${known}.`,
      );
    }
    if (partition < 0 || offset < 0n || offset >= BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new GatewayError('BAD_USER_INPUT', `atLeast: ${topic}/${partition} has no offset ${offset}.`);
    }
    return { topic, partition, next: Number(offset) + 1 };
  });
}

const defaultTimeoutMs = 1_000;

function readTimeout(input: unknown): number {
  if (input === undefined || input === null) return defaultTimeoutMs;
  const timeoutMs = input as number;
  if (timeoutMs >= 0) return timeoutMs;
  throw new GatewayError('BAD_USER_INPUT', `atLeast: timeoutMs must not be negative, got ${timeoutMs}.`);
}

/** `extensions.atLeast`, with the directive's arguments as members. */
function readExtension(input: unknown): Input | undefined {
  if (input === undefined || input === null) return undefined;
  const { position, offsets, timeoutMs } = members(input, ['position', 'offsets', 'timeoutMs'], 'extensions.atLeast');
  if (offsets !== undefined && offsets !== null && !Array.isArray(offsets)) {
    throw new GatewayError('BAD_USER_INPUT', 'extensions.atLeast.offsets: expected a list.');
  }
  return {
    position: coerce('String', position, 'position'),
    offsets: ((offsets ?? []) as readonly unknown[]).map((entry, i) => {
      const at = `offsets[${i}]`;
      const { topic, partition, offset } = members(entry, ['topic', 'partition', 'offset'], `extensions.atLeast.${at}`);
      return {
        topic: required(coerce('String', topic, `${at}.topic`), `${at}.topic`),
        partition: required(coerce('Int', partition, `${at}.partition`), `${at}.partition`),
        offset: required(coerce('BigInt', offset, `${at}.offset`), `${at}.offset`),
      };
    }),
    timeoutMs: coerce('Int', timeoutMs, 'timeoutMs'),
  };
}

function members(input: unknown, names: readonly string[], at: string): Input {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new GatewayError('BAD_USER_INPUT', `${at}: expected an object with ${names.join(', ')}.`);
  }
  const unknown = Object.keys(input).find((name) => !names.includes(name));
  if (unknown === undefined) return input as Input;
  throw new GatewayError('BAD_USER_INPUT', `${at} has no member "${unknown}"; it has ${names.join(', ')}.`);
}

function coerce(scalar: ScalarName, input: unknown, at: string): Value {
  try {
    return coerceInput({ kind: 'scalar', scalar }, input);
  } catch (error) {
    if (!(error instanceof CoercionError)) throw error;
    throw new GatewayError('BAD_USER_INPUT', `extensions.atLeast.${at}: ${error.message}`);
  }
}

function required(value: Value, at: string): Value {
  if (value !== null) return value;
  throw new GatewayError('BAD_USER_INPUT', `extensions.atLeast.${at}: a value is needed.`);
}
