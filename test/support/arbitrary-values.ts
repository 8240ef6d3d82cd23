import fc from 'fast-check';
import { JsonText } from '../../src/model/value.ts';
import type { ColumnType, ScalarName, Value } from '../../src/model/value.ts';
import { maxDateTime, minDateTime } from '../../src/model/time.ts';
import { enumOf, listOf, objectOf, scalar } from './make-table.ts';

/** Random values of every type, as they are in memory. */
const strings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('a', 'b', 'é', '\uffff', '\ue000', '😀', '"', '\\', '\n', '\u0000'),
    maxLength: 6,
  }),
);

export const decimals = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.stringMatching(/^\d{1,12}$/),
    fc.stringMatching(/^(\.\d{1,12})?$/),
    fc.option(fc.integer({ min: -30, max: 30 })),
  )
  .map(([sign, whole, fraction, exponent]) => `${sign}${whole}${fraction}${exponent === null ? '' : `e${exponent}`}`);

const dates = fc
  .date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

export const jsonTexts = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.constantFrom('12345678901234567890', '1.10', '[1e400,-0]', '{"a":{"b":0.10000000000000000001}}', '"\\ud83d"'),
);

export const scalarValues: Readonly<Record<ScalarName, fc.Arbitrary<Value>>> = {
  ID: strings,
  String: strings,
  Int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  Float: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  Boolean: fc.boolean(),
  BigInt: fc.oneof(fc.bigInt(), fc.bigInt({ min: -5n, max: 5n }), fc.bigInt({ min: -(10n ** 300n), max: 10n ** 300n })),
  Decimal: decimals,
  DateTime: fc.oneof(fc.bigInt({ min: minDateTime, max: maxDateTime }), fc.bigInt({ min: -3_000n, max: 3_000n })),
  Date: dates,
  UUID: fc.uuid(),
  Duration: fc.constantFrom('P7D', 'PT1H30M', 'PT0.5S', 'P1Y2M', '-PT6H'),
  Bytes: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  JSON: jsonTexts
    .filter((text) => text !== 'null')
    .map((text) => new JsonText(JSON.stringify(JSON.parse(text)) === text ? text : text.replaceAll(' ', ''))),
};

export function valuesOf(type: ColumnType): fc.Arbitrary<Value> {
  switch (type.kind) {
    case 'scalar':
      return scalarValues[type.scalar];
    case 'enum':
      return fc.constantFrom(...type.values);
    case 'list': {
      const element = valuesOf(type.element);
      return fc.array(type.elementRequired ? element : fc.option(element), { maxLength: 4 });
    }
    case 'object':
      return fc.record(
        Object.fromEntries(
          type.fields.map((field) => [
            field.name,
            field.required ? valuesOf(field.type) : fc.option(valuesOf(field.type)),
          ]),
        ),
        { noNullPrototype: false },
      ) as fc.Arbitrary<Value>;
  }
}

const scalars = Object.keys(scalarValues) as ScalarName[];

/** Every scalar, an enum, and lists and objects of them. */
export const allTypes: readonly (readonly [string, ColumnType])[] = [
  ...scalars.map((name) => [name, scalar(name)] as const),
  ['enum', enumOf('ROCK', 'JAZZ', 'ALT')],
  ...scalars.map((name) => [`[${name}]`, listOf(scalar(name))] as const),
  ['[[BigInt]]', listOf(listOf(scalar('BigInt')))],
  [
    'object',
    objectOf({
      city: scalar('String'),
      price: scalar('Decimal'),
      meta: scalar('JSON'),
      tags: listOf(enumOf('A', 'B')),
    }),
  ],
  ['[object]', listOf(objectOf({ count: scalar('BigInt'), at: scalar('DateTime') }, ['count']), true)],
];
