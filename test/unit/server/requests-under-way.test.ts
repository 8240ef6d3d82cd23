import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { RequestsUnderWay } from '../../../src/server/requests-under-way.ts';

interface Under {
  headersSent: boolean;
  writableLength: number;
  destroyed: boolean;
  readonly req: { readonly socket: { destroyed: boolean } };
  destroy(): void;
}

function respond(): ServerResponse & Under {
  const response: Under = {
    headersSent: false,
    writableLength: 0,
    destroyed: false,
    req: { socket: { destroyed: false } },
    destroy: () => (response.destroyed = true),
  };
  return response as unknown as ServerResponse & Under;
}

test('so many are answered at once; one that is being sent is answered', () => {
  const underWay = new RequestsUnderWay(2);
  const [first, second, third] = [respond(), respond(), respond()];
  expect([first, second, third].map((response) => underWay.begin(response))).toEqual([true, true, false]);
  first.headersSent = true;
  expect(underWay.begin(third)).toBe(true);
  underWay.end(second);
  expect(underWay.begin(respond())).toBe(true);
  expect(underWay.begin(respond())).toBe(false);
});

test('one whose connection is gone is forgotten, though nobody tells', () => {
  const underWay = new RequestsUnderWay(1);
  const gone = respond();
  underWay.begin(gone);
  gone.req.socket.destroyed = true;
  underWay.watch();
  expect(underWay.size).toBe(0);
});

test('of clients that do not read, those are cut off who have had the longest time, until little enough is kept', () => {
  const underWay = new RequestsUnderWay(10, 100);
  const responses = [0, 60, 60, 60].map((bytes) => Object.assign(respond(), { writableLength: bytes }));
  for (const response of responses) underWay.begin(response);
  expect(underWay.watch()).toBe(2);
  expect(responses.map(({ destroyed }) => destroyed)).toEqual([false, true, true, false]);
  expect(underWay.watch()).toBe(0);
  expect(underWay.size).toBe(2);
});
