import { expect, test } from 'vitest';
import { lookupField, pluralOf, singularOf } from '../../../src/catalog/names.ts';

test.each([
  ['Song', 'song', 'songs'],
  ['SongStats', 'songStats', 'songStatsList'],
  ['URLVisit', 'urlVisit', 'urlVisits'],
  ['IPAddress', 'ipAddress', 'ipAddresses'],
  ['SKU', 'sku', 'skus'],
  ['S3Object', 's3Object', 's3Objects'],
  ['HTTP2Frame', 'http2Frame', 'http2Frames'],
  ['A', 'a', 'as'],
  ['APerson', 'aPerson', 'aPeople'],
  ['Category', 'category', 'categories'],
  ['PlanB', 'planB', 'planBs'],
  ['OrderEquipment', 'orderEquipment', 'orderEquipmentList'],
  ['Sheep', 'sheep', 'sheepList'],
  ['Songs', 'songs', 'songsList'],
  ['song', 'song', 'songs'],
  ['order_line', 'order_line', 'order_lines'],
])('%s has the root fields %s and %s', (type, singular, plural) => {
  expect(singularOf(type)).toBe(singular);
  expect(pluralOf(singular)).toBe(plural);
});

test('a unique index has a root field of its columns', () => {
  expect(lookupField('song', [{ name: 'isrc' }])).toBe('songByIsrc');
  expect(lookupField('seat', [{ name: 'row' }, { name: 'number' }])).toBe('seatByRowAndNumber');
});
