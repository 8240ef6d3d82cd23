import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Source, TopicStart } from '../../../src/source/source.ts';
import { createLogSource } from '../../../src/source/log.ts';
import { maxLineBytes } from '../../../src/source/log-partition.ts';
import { createRandom, seedFromEnvironment } from '../../support/random.ts';
import { RecordingSink } from '../../support/recording-sink.ts';

let directory: string;
let sink: RecordingSink;
const open: Source[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headgate-log-'));
  sink = new RecordingSink();
});
afterEach(async () => {
  for (const source of open.splice(0)) await source.close();
  rmSync(directory, { recursive: true, force: true });
});

const songs = () => join(directory, 'songs.ndjson');
const line = (n: number) => `{"key":"k${n}","value":{"n":${n}},"timestamp":${n}}\n`;
const fresh = (topic = 'songs'): TopicStart => ({ topic, next: new Map(), anchors: new Map() });

async function start(starts: readonly TopicStart[] = [fresh()], pollMs = 50): Promise<Source> {
  const source = createLogSource({ directory, pollMs });
  open.push(source);
  await source.start(starts, sink);
  return source;
}

function values(topic = 'songs'): unknown[] {
  return sink.records(topic).map(({ value }) => (value ? JSON.parse(Buffer.from(value).toString()) : value));
}

/** Closes, and gives what a restart is started with. */
async function stop(source: Source): Promise<TopicStart> {
  await source.close();
  return sink.startOf('songs');
}

describe('lines', () => {
  test('waits for the rest of a half-written last line', async () => {
    writeFileSync(songs(), `${line(1)}{"key":"k2",`);
    await start();
    await sink.untilRecords('songs', 1);
    expect(sink.batches.at(-1)).toMatchObject({ next: line(1).length, end: line(1).length });
    appendFileSync(songs(), '"value":2');
    appendFileSync(songs(), '}\n');
    await sink.untilRecords('songs', 2);
    expect(sink.offsets('songs', 0)).toEqual([0, line(1).length]);
    expect(values()).toEqual([{ n: 1 }, 2]);
  });

  test('tells how far the file goes before it gives what is in it', async () => {
    writeFileSync(songs(), line(1));
    // By notices alone.
    await start([fresh()], 60_000);
    await sink.untilRecords('songs', 1);
    const told: unknown[] = [];
    sink.batch = (batch) => {
      told.push([batch.end, sink.progressByPartition.get('songs/0')?.end]);
      return RecordingSink.prototype.batch.call(sink, batch);
    };
    for (const n of [2, 3]) {
      appendFileSync(songs(), line(n));
      await sink.untilRecords('songs', n);
    }
    const { length } = line(1);
    expect(told).toEqual([
      [2 * length, 2 * length],
      [3 * length, 3 * length],
    ]);
  });

  test('takes \\r\\n, blank lines, blanks around a line and a byte order mark', async () => {
    writeFileSync(songs(), `\ufeff{"value":1}\r\n\r\n\n  {"value":2}  \n`);
    await start();
    await sink.untilRecords('songs', 2);
    expect(values()).toEqual([1, 2]);
    expect(sink.offsets('songs', 0)).toEqual([0, 19]);
    expect(sink.batches.at(-1)?.next).toBe(statSync(songs()).size);
  });

  test('moves past blank lines that no record follows', async () => {
    writeFileSync(songs(), '\n\n');
    await start();
    await sink.until('a batch', () => sink.batches.length > 0);
    expect(sink.batches[0]).toMatchObject({ records: [], next: 2, end: 2 });
  });

  test('gives a line that is no record its offset and a reason, and goes on', async () => {
    writeFileSync(songs(), `${line(1)}oops\n${line(2)}`);
    await start();
    await sink.untilRecords('songs', 3);
    expect(sink.records('songs')[1]).toMatchObject({ offset: line(1).length, value: undefined });
    expect(sink.records('songs')[1]?.unreadable).toContain('not a line of the form');
    expect(values()).toEqual([{ n: 1 }, undefined, { n: 2 }]);
  });

  test('passes over a line that is too long, whether it was there or grows while it is read', async () => {
    const long = Buffer.alloc(maxLineBytes + 1, 'x');
    writeFileSync(songs(), Buffer.concat([Buffer.from(line(1)), long, Buffer.from(`\n${line(2)}`)]));
    await start();
    await sink.untilRecords('songs', 3);
    const before = statSync(songs()).size;
    for (let part = 0; part < 18; part++) appendFileSync(songs(), Buffer.alloc(1024 * 1024, 'y'));
    appendFileSync(songs(), `\n${line(3)}`);
    await sink.untilRecords('songs', 5);
    expect(sink.records('songs').map(({ unreadable }) => unreadable !== undefined)).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
    expect(sink.records('songs')[1]?.unreadable).toContain(`${maxLineBytes + 1} bytes long`);
    expect(sink.offsets('songs', 0)[3]).toBe(before);
    expect(sink.incidents).toEqual([]);
  });

  test('reads a line of the greatest length whole', async () => {
    const text = 'x'.repeat(maxLineBytes - '{"value":""}'.length);
    writeFileSync(songs(), `{"value":"${text}"}\n${line(1)}`);
    await start();
    await sink.untilRecords('songs', 2);
    expect(sink.records('songs')[0]?.value).toHaveLength(text.length + 2);
  });
});

describe('another file under the same name', () => {
  test('stops at a file that got shorter', async () => {
    writeFileSync(songs(), line(1) + line(2));
    await start();
    await sink.untilRecords('songs', 2);
    truncateSync(songs(), line(1).length);
    await sink.untilIncident('topic-recreated', 'songs');
    expect(sink.incidents[0]).toMatchObject({ partition: 0, reason: expect.stringContaining('bytes long') as string });
  });

  test('stops at a file that was rewritten longer than before', async () => {
    writeFileSync(songs(), line(1));
    await start();
    await sink.untilRecords('songs', 1);
    writeFileSync(songs(), line(5) + line(6) + line(7));
    await sink.untilIncident('topic-recreated', 'songs');
    expect(sink.records('songs')).toHaveLength(1);
  });

  test.each([
    ['the first line', 5],
    ['the last line before the offset', -5],
  ])('recognizes at its start that %s was edited without changing its length', async (_which, at) => {
    const content = Array.from({ length: 200 }, (_, n) => line(100 + n)).join('');
    writeFileSync(songs(), content);
    const source = await start();
    await sink.untilRecords('songs', 200);
    const stored = await stop(source);
    const bytes = Buffer.from(content);
    bytes[at < 0 ? bytes.length + at : at] = 0x7a;
    writeFileSync(songs(), Buffer.concat([bytes, Buffer.from(line(1))]));
    await start([stored]);
    await sink.untilIncident('topic-recreated', 'songs');
    expect(sink.records('songs')).toHaveLength(200);
  });

  test('recognizes a file that is shorter than what another table read of it', async () => {
    writeFileSync(songs(), line(1) + line(2));
    const source = await start();
    await sink.untilRecords('songs', 2);
    const { anchors } = await stop(source);
    writeFileSync(songs(), line(1));
    // A table that was added has no offset yet; the anchor is that of the others.
    await start([{ topic: 'songs', next: new Map(), anchors }]);
    await sink.untilIncident('topic-recreated', 'songs');
    expect(sink.records('songs')).toHaveLength(2);
  });

  test('goes on in a file that an editor saved under a new inode with the same beginning', async () => {
    writeFileSync(songs(), line(1));
    await start();
    await sink.untilRecords('songs', 1);
    writeFileSync(join(directory, 'songs.tmp'), line(1) + line(2));
    renameSync(join(directory, 'songs.tmp'), songs());
    await sink.untilRecords('songs', 2);
    expect(values()).toEqual([{ n: 1 }, { n: 2 }]);
    expect(sink.incidents).toEqual([]);
  });

  test('stops at a file that took the place of the one it reads, with another beginning and the same end', async () => {
    const content = Array.from({ length: 200 }, (_, n) => line(100 + n)).join('');
    writeFileSync(songs(), content);
    await start();
    await sink.untilRecords('songs', 200);
    writeFileSync(join(directory, 'songs.tmp'), content.replace('k100', 'k999') + line(1));
    renameSync(join(directory, 'songs.tmp'), songs());
    await sink.untilIncident('topic-recreated', 'songs');
    expect(sink.records('songs')).toHaveLength(200);
  });

  test('tells that the file was removed, and goes on when the same one comes back', async () => {
    writeFileSync(songs(), line(1));
    await start();
    await sink.untilRecords('songs', 1);
    renameSync(songs(), join(directory, 'away'));
    await sink.untilIncident('topic-missing', 'songs');
    appendFileSync(join(directory, 'away'), line(2));
    renameSync(join(directory, 'away'), songs());
    await sink.untilRecords('songs', 2);
    expect(sink.incidents).toHaveLength(1);
  });

  test('tells that one of several partitions was removed for good', async () => {
    mkdirSync(join(directory, 'songs'));
    for (const partition of [0, 1]) writeFileSync(join(directory, 'songs', `${partition}.ndjson`), line(partition));
    await start();
    await sink.untilRecords('songs', 2);
    rmSync(join(directory, 'songs', '1.ndjson'));
    await sink.untilIncident('topic-recreated', 'songs');
    expect(sink.incidents).toMatchObject([{ partition: 1, reason: expect.stringContaining('is gone') as string }]);
    expect(sink.partitionsByTopic.get('songs')).toEqual([0]);
  });

  test('takes an offset of another kind of source for another topic', async () => {
    writeFileSync(songs(), line(1));
    await start([{ topic: 'songs', next: new Map([[0, 7]]), anchors: new Map([[0, 'topic-id']]) }]);
    await sink.untilIncident('topic-recreated', 'songs');
    expect(sink.incidents[0]).toMatchObject({ reason: 'what was read before was not an embedded log' });
  });

  test('takes an offset inside a line for another topic', async () => {
    writeFileSync(songs(), line(1));
    await start([{ topic: 'songs', next: new Map([[0, 7]]), anchors: new Map() }]);
    await sink.untilIncident('topic-recreated', 'songs');
    expect(sink.incidents[0]).toMatchObject({ reason: 'no line starts at offset 7' });
  });
});

describe('the folder', () => {
  test('waits for a folder that does not exist, and watches it anew when it was replaced', async () => {
    rmSync(directory, { recursive: true });
    await start([fresh()], 20);
    await sink.untilIncident('topic-missing', 'songs');
    mkdirSync(directory);
    writeFileSync(songs(), line(1));
    await sink.untilRecords('songs', 1);
    rmSync(directory, { recursive: true });
    await sink.until('the topic to be missed', () => sink.incidents.length === 2);
    mkdirSync(directory);
    writeFileSync(songs(), line(1) + line(2));
    await sink.untilRecords('songs', 2);
    appendFileSync(songs(), line(3));
    await sink.untilRecords('songs', 3);
    expect(values()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  test('ignores what is no file of its topics', async () => {
    mkdirSync(join(directory, 'songs'));
    for (const name of ['00.ndjson', 'x.ndjson', '0.json', '.0.ndjson.swp']) {
      writeFileSync(join(directory, 'songs', name), line(9));
    }
    writeFileSync(join(directory, 'others.ndjson'), line(9));
    writeFileSync(join(directory, 'songs', '0.ndjson'), line(1));
    await start();
    await sink.untilRecords('songs', 1);
    expect(sink.partitionsByTopic).toEqual(new Map([['songs', [0]]]));
  });

  test('notices a new line long before it would look by itself', async () => {
    writeFileSync(songs(), line(1));
    await start([fresh()], 3_600_000);
    await sink.untilRecords('songs', 1);
    appendFileSync(songs(), line(2));
    await sink.untilRecords('songs', 2);
    expect(values()).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('reads a large file to its end without being told again', async () => {
    const count = 30_000;
    writeFileSync(songs(), Array.from({ length: count }, (_, n) => line(n)).join(''));
    await start([fresh()], 3_600_000);
    await sink.untilRecords('songs', count);
    expect(sink.batches.length).toBeGreaterThan(1);
  });

  test('watches a folder that took the place of the one it watched', async () => {
    writeFileSync(songs(), line(1));
    await start([fresh()], 3_600_000);
    await sink.untilRecords('songs', 1);
    rmSync(directory, { recursive: true });
    // At once, so that the file system may give the same inode number again.
    mkdirSync(directory);
    writeFileSync(songs(), line(1) + line(2));
    await sink.untilRecords('songs', 2);
    appendFileSync(songs(), line(3));
    await sink.untilRecords('songs', 3);
    expect(sink.incidents).toEqual([]);
  });

  test('finds what it got no notice of', async () => {
    // The file behind a link lies in a folder that is not watched.
    const target = mkdtempSync(join(tmpdir(), 'headgate-target-'));
    try {
      writeFileSync(join(target, 'file'), line(1));
      symlinkSync(join(target, 'file'), songs());
      await start([fresh()], 20);
      await sink.untilRecords('songs', 1);
      appendFileSync(join(target, 'file'), line(2));
      await sink.untilRecords('songs', 2);
      expect(values()).toEqual([{ n: 1 }, { n: 2 }]);
    } finally {
      rmSync(target, { recursive: true });
    }
  });

  test('ends the start with every mistake: a file for a folder, bad names, a topic that is both', async () => {
    writeFileSync(songs(), '');
    const file = createLogSource({ directory: songs() });
    await expect(file.start([fresh('a/b')], sink)).rejects.toThrow(/is a file[^]*"a\/b" is no topic/);
    mkdirSync(join(directory, 'songs'));
    await expect(createLogSource({ directory }).start([fresh()], sink)).rejects.toThrow(/both a file/);
    expect(sink.calls).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)('ends the start where the folder may not be read', async () => {
    chmodSync(directory, 0);
    try {
      await expect(createLogSource({ directory }).start([fresh()], sink)).rejects.toThrow(/cannot be read/);
    } finally {
      chmodSync(directory, 0o700);
    }
  });

  test('says that a file cannot be read, keeps trying, and says when it can', async () => {
    mkdirSync(songs());
    await start();
    await sink.until('the failure', () => sink.connections.some(({ connected }) => !connected));
    expect(sink.connections.at(-1)?.reason).toContain(songs());
    rmSync(songs(), { recursive: true });
    writeFileSync(songs(), line(1));
    await sink.untilRecords('songs', 1);
    await sink.until('the recovery', () => sink.connections.at(-1)?.connected === true);
    expect(sink.connections.map(({ connected }) => connected)).toEqual([true, false, true]);
  });
});

test('any cut into appends, and any restarts, give the records that the finished file has', async () => {
  const { seed, next: random } = createRandom(seedFromEnvironment());
  const bytes = Buffer.from(
    Array.from({ length: 400 }, (_, n) => {
      const kind = random();
      if (kind < 0.05) return '\n';
      if (kind < 0.1) return 'not json\r\n';
      return `{"key":"k${n}","value":"${'é'.repeat(Math.floor(random() * 40))}"}${kind < 0.2 ? '\r' : ''}\n`;
    }).join(''),
  );
  writeFileSync(songs(), '');
  let source = await start();
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + Math.floor(random() * 800));
    appendFileSync(songs(), bytes.subarray(at, end));
    at = end;
    const complete = bytes.subarray(0, end).lastIndexOf(0x0a) + 1;
    if (random() < 0.2) {
      await sink.until(`offset ${complete} (seed ${seed})`, () => (sink.batches.at(-1)?.next ?? 0) >= complete);
    }
    if (random() < 0.2) source = await start([await stop(source)]);
  }
  await sink.until(`the end (seed ${seed})`, () => sink.batches.at(-1)?.next === bytes.length);
  const pieces = sink.batches;
  sink = new RecordingSink();
  await start();
  await sink.until('the end again', () => sink.batches.at(-1)?.next === bytes.length);
  expect(
    pieces.flatMap(({ records }) => records),
    `seed ${seed}`,
  ).toEqual(sink.batches.flatMap(({ records }) => records));
});
