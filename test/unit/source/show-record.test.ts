import { expect, test } from 'vitest';
import { showRecord } from '../../../src/source/show-record.ts';
import type { SourceRecord } from '../../../src/source/source.ts';

const shown = (record: Partial<SourceRecord>): string =>
  showRecord({
    topic: 't',
    partition: 0,
    offset: 0,
    timestampMs: 0,
    key: null,
    value: undefined,
    headers: new Map(),
    ...record,
  });
const bytes = (text: string): Uint8Array => Buffer.from(text);

test.each<[string, Partial<SourceRecord>, string]>([
  [
    'JSON as it stands',
    { key: bytes('a"b'), value: bytes('{"n": 12345678901234567890.10}') },
    '{"key":"a\\"b","value":{"n": 12345678901234567890.10}}',
  ],
  ['JSON of several lines on one', { value: bytes('{\r\n\t"a": 1\n}\n') }, '{"value":{  "a": 1 }}'],
  ['a text that is no JSON', { value: bytes('a <b>\n') }, '{"valueText":"a <b>\\n"}'],
  [
    'what is no text',
    { key: new Uint8Array([255]), value: new Uint8Array([0, 200]) },
    '{"keyBase64":"/w==","valueBase64":"AMg="}',
  ],
  ['a tombstone', { key: bytes('k'), value: null, timestampMs: 5 }, '{"key":"k","value":null,"timestamp":5}'],
  [
    'headers',
    {
      value: bytes('1'),
      headers: new Map([
        ['h', bytes('x')],
        ['none', null],
      ]),
    },
    '{"value":1,"headers":{"h":"x","none":null}}',
  ],
  ['what steers a terminal, as its code', { value: bytes('"\u009b2J\u2028"') }, '{"value":"\\u009b2J\\u2028"}'],
  ['a line that is no record', { unreadable: 'no', unreadableBytes: bytes('x\u001b[1m') }, 'x\\u001b[1m'],
  ['a line too long to be held', { unreadable: 'no' }, ''],
])('shows %s', (_, record, line) => {
  expect(shown(record)).toBe(line);
});
