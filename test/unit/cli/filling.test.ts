import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { showFilling } from '../../../src/cli/run-gateway.ts';
import { makeCatalog } from '../../support/catalog.ts';
import { scalar } from '../../support/make-table.ts';
import { openTestStore } from '../../support/open-test-store.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function open() {
  const catalog = makeCatalog([{ name: 'Song', key: ['id'], columns: [{ name: 'id', type: scalar('String') }] }]);
  const store = openTestStore(catalog);
  const lines: string[] = [];
  const gateway = {
    store,
    catalog,
    progress: () => ({ connected: true, ends: new Map(), missingTopics: new Set<string>(), records: new Map() }),
  };
  const fill = () => store.write((tx) => tx.setState(catalog.tables[0]!, { phase: 'live' }));
  return { gateway, lines, say: (line: string) => void lines.push(line), fill };
}

test('a log is told that tables fill at the start, every five seconds, and when they are filled', () => {
  const { gateway, lines, say, fill } = open();
  showFilling(gateway, say, { everyMs: 5_000, atStart: true });
  expect(lines).toEqual(['filling: Song 0 rows']);
  vi.advanceTimersByTime(4_000);
  expect(lines).toHaveLength(1);
  vi.advanceTimersByTime(6_000);
  expect(lines).toHaveLength(3);
  fill();
  vi.advanceTimersByTime(1_000);
  expect(lines.slice(3)).toEqual(['every table is filled']);
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(4);
});

test('a person is told only of what takes its time', () => {
  const { gateway, lines, say, fill } = open();
  showFilling(gateway, say, { everyMs: 2_000, atStart: false });
  vi.advanceTimersByTime(1_000);
  fill();
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual([]);
});

test('nothing is told of tables that are filled, nor after it was stopped', () => {
  const { gateway, lines, say, fill } = open();
  const filling = showFilling(gateway, say, { everyMs: 5_000, atStart: false });
  filling.stop();
  vi.advanceTimersByTime(60_000);
  fill();
  showFilling(gateway, say, { everyMs: 5_000, atStart: true });
  expect(lines).toEqual([]);
});
