import { expect, test } from 'vitest';
import { readLine } from '../../../src/source/log-line.ts';

const place = { topic: 'songs', partition: 3, offset: 42 };

function read(line: string | Uint8Array) {
  return readLine(typeof line === 'string' ? Buffer.from(line) : line, place);
}

function text(bytes: Uint8Array | null | undefined): string | null | undefined {
  return bytes ? Buffer.from(bytes).toString() : bytes;
}

test('reads a line with every member', () => {
  const record = read(
    '{"key":"a","value":{"n": 1.50},"timestamp":1700000000000,"headers":{"h":"x","none":null,"n":1.0}}',
  );
  expect(record).toMatchObject({ ...place, timestampMs: 1_700_000_000_000 });
  expect(record.unreadable).toBeUndefined();
  expect(text(record.key)).toBe('a');
  expect(text(record.value)).toBe('{"n": 1.50}');
  expect([...record.headers].map(([name, bytes]) => [name, text(bytes)])).toEqual([
    ['h', 'x'],
    ['none', null],
    ['n', '1.0'],
  ]);
});

test.each([
  ['"a\\u00e9\\n\\"\\ud83d\\ude00"', 'aé\n"😀'],
  ['"é✓"', 'é✓'],
  ['""', ''],
  ['9007199254740993', '9007199254740993'],
  ['{"a": 1, "b":[1.0]}', '{"a": 1, "b":[1.0]}'],
  ['true', 'true'],
  ['null', null],
])('reads the key %s', (json, expected) => {
  expect(text(read(`{"key":${json},"value":1}`).key)).toBe(expected);
});

test('tells a tombstone, a null inside a string and an absent value apart', () => {
  expect(read('{"key":"a","value":null}').value).toBeNull();
  expect(text(read('{"key":"a","value":"null"}').value)).toBe('"null"');
  expect(read('{"key":"a"}').value).toBeUndefined();
  expect(read('{"key":"a"}').unreadable).toBeUndefined();
});

test('gives a line without time the timestamp 0, the same at every replay', () => {
  expect(read('{"value":1}').timestampMs).toBe(0);
  expect(read('{"value":1,"timestamp":null}').timestampMs).toBe(0);
});

test('takes the last of a repeated member, and names in any spelling', () => {
  const record = read('{"value":1,"\\u0076alue":2,"other":3,"headers":{"a":"1","a":"2"}}');
  expect(text(record.value)).toBe('2');
  expect(text(record.headers.get('a'))).toBe('2');
});

test('takes member names that objects inherit for what they are', () => {
  const record = read('{"value":1,"headers":{"__proto__":"p","constructor":"c"}}');
  expect([...record.headers.keys()]).toEqual(['__proto__', 'constructor']);
});

test('passes bytes that are not UTF-8, for the decoder to judge', () => {
  const line = Buffer.concat([
    Buffer.from('{"key":"'),
    Buffer.from([0xff]),
    Buffer.from('","value":"'),
    Buffer.from([0xfe]),
    Buffer.from('"}'),
  ]);
  expect(read(line)).toMatchObject({ key: Buffer.from([0xff]), value: Buffer.from([0x22, 0xfe, 0x22]) });
});

test.each([
  ['hello', 'not a line'],
  ['[1]', 'not a line'],
  ['{"key":"a","value":{"n":01}}', 'byte 26 of the line'],
  ['{"key":"a","value":1', 'the line ends too early'],
  ['[]', '"[" at byte 1 of the line cannot stand there'],
  ['{"key":"a","value":\u0001}', 'the byte 0x01 at byte 20 of the line cannot stand there'],
  ['{"key":"a","value":1}{"key":"b"}', 'byte 22'],
  ['{"value":1,"timestamp":"2026-01-01"}', '"timestamp" must be a whole number'],
  ['{"value":1,"timestamp":1.5}', '"timestamp" must be'],
  ['{"value":1,"timestamp":-1}', '"timestamp" must be'],
  ['{"value":1,"timestamp":1700000000000000000}', '"timestamp" must be'],
  ['{"value":1,"headers":[]}', '"headers" must be'],
  ['{"key":"\\ud800","value":1}', 'half of a surrogate pair'],
  ['{"value":1,"headers":{"h":"\\udc00x"}}', 'header "h" has half'],
])('calls %s unreadable', (line, reason) => {
  const record = read(line);
  expect(record.unreadable).toContain(reason);
  expect(record).toMatchObject({ ...place, key: null, value: undefined });
});

test('calls a key unreadable that is escaped and not UTF-8: unescaping would change it', () => {
  const line = Buffer.concat([Buffer.from('{"key":"\\n'), Buffer.from([0xff]), Buffer.from('","value":1}')]);
  expect(read(line).unreadable).toBe('the key is not UTF-8');
});
