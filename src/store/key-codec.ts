import { assert, unreachable } from '../common/errors.ts';
import { canonicalDecimal, decimalParts } from '../model/decimal.ts';
import { JsonText, memberOf } from '../model/value.ts';
import type { ColumnType, ScalarName, Value } from '../model/value.ts';
import type { ByteReader, ByteWriter } from './key-bytes.ts';

const listEnd = 0x00;
const present = 0x01;
const absent = 0x02;

/**
 * A value of a column, null included. No value's bytes are a prefix of another's of the same type. Where a `limit` is given, text
 * beyond it need not be written: the caller cuts there.
 */
export function writeNullable(writer: ByteWriter, type: ColumnType, value: Value, limit = Infinity): void {
  if (value === null) {
    writer.byte(absent);
    return;
  }
  writer.byte(present);
  switch (type.kind) {
    case 'scalar':
      writeScalar(writer, type.scalar, value, limit);
      return;
    case 'enum': {
      const ordinal = type.values.indexOf(value as string);
      assert(ordinal >= 0, `"${value as string}" is not in enum ${type.name}`);
      writer.uint16(ordinal);
      return;
    }
    case 'list':
      for (const element of value as readonly Value[]) {
        writeNullable(writer, type.element, element, limit);
        if (writer.length > limit + 4_096) return;
      }
      writer.byte(listEnd);
      return;
    case 'object':
      for (const field of type.fields) writeNullable(writer, field.type, memberOf(value, field.name), limit);
      return;
    default:
      unreachable(type);
  }
}

function writeScalar(writer: ByteWriter, scalar: ScalarName, value: Value, limit: number): void {
  switch (scalar) {
    case 'ID':
    case 'String':
    case 'UUID':
    case 'Date':
    case 'Duration':
      writer.terminated(upTo(value as string, limit));
      return;
    case 'JSON':
      writer.terminated(upTo((value as JsonText).text, limit));
      return;
    case 'Bytes':
      writer.terminated(Buffer.from(value as string, 'base64'));
      return;
    case 'Int':
      writer.uint32((value as number) + 0x8000_0000);
      return;
    case 'Float':
      writer.float64(value as number);
      return;
    case 'Boolean':
      writer.byte(value === true ? 1 : 0);
      return;
    case 'DateTime':
      writer.uint64(BigInt.asUintN(64, (value as bigint) + signBit));
      return;
    case 'BigInt':
      writeBigInt(writer, value as bigint);
      return;
    case 'Decimal':
      writeDecimal(writer, value as string);
      return;
    default:
      unreachable(scalar);
  }
}

const signBit = 1n << 63n;

/** Every UTF-16 unit takes at least one byte, so the first `limit` bytes are among the first `limit` + 1 units. */
function upTo(text: string, limit: number): string {
  return text.length > limit + 2 ? text.slice(0, limit + 2) : text;
}

// 80 + length of the magnitude, magnitude; FF and the length in four bytes where it is long; everything turned where negative.
const longMagnitude = 0x7e;

function writeBigInt(writer: ByteWriter, value: bigint): void {
  const negative = value < 0n;
  const hex = (negative ? -value : value).toString(16);
  const magnitude = value === 0n ? Buffer.alloc(0) : Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const turn = negative ? 0xff : 0;
  if (magnitude.length <= longMagnitude) {
    writer.byte((0x80 + magnitude.length) ^ turn);
  } else {
    writer.byte(0xff ^ turn);
    writer.uint32((magnitude.length ^ (negative ? -1 : 0)) >>> 0);
  }
  writer.bytes(negative ? magnitude.map((byte) => byte ^ turn) : magnitude);
}

function readBigInt(reader: ByteReader): bigint {
  const head = reader.byte();
  const negative = head < 0x80;
  const turned = negative ? head ^ 0xff : head;
  let length = turned - 0x80;
  if (length > longMagnitude) length = (reader.uint32() ^ (negative ? -1 : 0)) >>> 0;
  const bytes = Buffer.from(reader.take(length)).map((byte) => (negative ? byte ^ 0xff : byte));
  const magnitude = length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  return negative ? -magnitude : magnitude;
}

// Sign 01 02 03, exponent, pairs of digits as 01 … 64, 00; everything behind the sign turned where negative.
function writeDecimal(writer: ByteWriter, text: string): void {
  const { sign, exponent, digits } = decimalParts(text);
  writer.byte(sign + 2);
  if (sign === 0) return;
  const turn = sign < 0 ? 0xff : 0;
  writer.uint16((exponent + 0x8000) ^ (sign < 0 ? 0xffff : 0));
  for (let i = 0; i < digits.length; i += 2) {
    const pair = (digits.charCodeAt(i) - 48) * 10 + (i + 1 < digits.length ? digits.charCodeAt(i + 1) - 48 : 0);
    writer.byte((pair + 1) ^ turn);
  }
  writer.byte(turn);
}

function readDecimal(reader: ByteReader): string {
  const sign = reader.byte() - 2;
  if (sign === 0) return '0';
  const turn = sign < 0 ? 0xff : 0;
  const exponent = (reader.uint16() ^ (sign < 0 ? 0xffff : 0)) - 0x8000;
  let digits = '';
  for (let byte = reader.byte() ^ turn; byte !== 0; byte = reader.byte() ^ turn) {
    digits += String(byte - 1).padStart(2, '0');
  }
  return canonicalDecimal(`${sign < 0 ? '-' : ''}0.${digits.replace(/0$/, '')}e${exponent}`);
}

/** Reads what `writeNullable` wrote without a limit. */
export function readValue(reader: ByteReader, type: ColumnType): Value {
  if (reader.byte() === absent) return null;
  switch (type.kind) {
    case 'scalar':
      return readScalar(reader, type.scalar);
    case 'enum':
      return type.values[reader.uint16()] ?? null;
    case 'list': {
      const elements: Value[] = [];
      while (reader.peek() !== listEnd) elements.push(readValue(reader, type.element));
      reader.byte();
      return elements;
    }
    case 'object':
      return Object.fromEntries(type.fields.map((field) => [field.name, readValue(reader, field.type)]));
    default:
      return unreachable(type);
  }
}

function readScalar(reader: ByteReader, scalar: ScalarName): Value {
  switch (scalar) {
    case 'ID':
    case 'String':
    case 'UUID':
    case 'Date':
    case 'Duration':
      return reader.terminated().toString('utf8');
    case 'JSON':
      return new JsonText(reader.terminated().toString('utf8'));
    case 'Bytes':
      return reader.terminated().toString('base64');
    case 'Int':
      return reader.uint32() - 0x8000_0000;
    case 'Float':
      return reader.float64();
    case 'Boolean':
      return reader.byte() === 1;
    case 'DateTime':
      return BigInt.asIntN(64, reader.uint64() - signBit);
    case 'BigInt':
      return readBigInt(reader);
    case 'Decimal':
      return readDecimal(reader);
    default:
      return unreachable(scalar);
  }
}
