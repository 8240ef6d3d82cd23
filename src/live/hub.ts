import type { GraphQLError } from 'graphql';
import { assert, GatewayError } from '../common/errors.ts';
import { encodePosition } from '../model/position.ts';
import { positionOf } from '../query/position-of.ts';
import type { Prepared } from '../query/query.ts';
import type { Snapshot } from '../store/store.ts';
import { Arrivals } from './arrival.ts';
import { ChangeStreams } from './change-streams.ts';
import { FeedFollower } from './feed-follower.ts';
import { errorFrame, toGraphQLError } from './frame.ts';
import type { FrameSink, Hub, HubOptions, Subscription } from './live.ts';
import { LiveShapes } from './live-shapes.ts';
import { busiest } from './tally.ts';
import { Turns } from './turns.ts';

/**
 * Wires a hub: the feed is followed once, what it tells goes to the live queries and the change streams it concerns, and
 * what they have to do is done in turns.
 */
export function createHub(options: HubOptions): Hub {
  const { store, limits } = options;
  const follower = new FeedFollower();
  const arrivals = new Arrivals(limits, () => store.snapshot());
  const turns = new Turns(store, { begin: follow, end: endTurn });
  /** Something was sent, which `_meta` tells of. */
  let sent = false;
  const note = (): void => void (sent = true);
  const liveShapes = new LiveShapes(options, turns, note);
  const changeStreams = new ChangeStreams(options, turns, follower, note);
  /** Positions at the version followed to, by the names of the tables and what was granted of them. */
  let positions = new Map<string, string>();
  /** What `_meta` has told of the source: known to be another one by being another object. */
  let toldProgress = options.progress();
  let closed = false;

  /** Tells everybody concerned what happened up to the snapshot. */
  function follow(snapshot: Snapshot): void {
    const since = follower.version;
    if (snapshot.version === since) return;
    positions = new Map();
    liveShapes.touchMeta();
    follower.advance(snapshot, new Set([...liveShapes.tables(), ...changeStreams.tables()]), {
      wants: (table, bytes) => changeStreams.wants(table) || bytes <= worthReading(liveShapes.waiting(table)),
      commit: (table, { changes }) => {
        const live = liveShapes.waiting(table) > 0;
        for (const change of changes) {
          if (live) liveShapes.touch(table, change);
          changeStreams.touch(table, change, since);
        }
      },
      unknown: (table) => {
        liveShapes.touchTable(table);
        changeStreams.touchTable(table, since);
      },
    });
    liveShapes.followed(snapshot);
    arrivals.check(snapshot);
  }

  function endTurn(idle: boolean): void {
    changeStreams.endTurn();
    if (sent) liveShapes.touchMeta();
    sent = false;
    if (idle) follower.forget();
  }

  /** The position up to which whatever is exact now is exact. */
  function newestPosition(prepared: Prepared): string {
    const names = [...prepared.tables.map(({ name }) => name), ...(prepared.grants ?? [])].join(' ');
    let position = positions.get(names);
    if (position === undefined) {
      const snapshot = store.snapshot();
      try {
        follow(snapshot);
        position = encodePosition(positionOf(prepared, snapshot));
        positions.set(names, position);
      } finally {
        snapshot.release();
      }
    }
    return position;
  }

  function open(prepared: Prepared, sink: FrameSink): Subscription {
    const known = liveShapes.has(prepared.shapeId) || changeStreams.has(prepared.shapeId);
    if (!known && liveShapes.size + changeStreams.size >= limits.maxShapes) {
      return refuse(
        sink,
        overloaded(`${limits.maxShapes} different subscriptions are open already (setting maxShapes).`),
      );
    }
    // Nobody listened, so nobody followed: what happened meanwhile is not worth reading.
    if (liveShapes.size + changeStreams.size === 0) follower.reset();
    if (prepared.kind === 'changes') {
      const stream = changeStreams.add(prepared, sink);
      return {
        position: () => {
          // Finding the newest position follows the feed, which may find that the stream is behind.
          const newest = turns.running || !stream.caughtUp ? undefined : newestPosition(prepared);
          return stream.caughtUp ? newest : stream.position;
        },
        stop() {
          changeStreams.remove(stream);
          liveShapes.touchMeta();
        },
      };
    }
    assert(prepared.kind === 'live', 'a query is not subscribed to');
    const { shape, member } = liveShapes.add(prepared, sink);
    return {
      position: () => {
        const newest = turns.running || !shape.exact(member) ? undefined : newestPosition(prepared);
        return newest !== undefined && shape.exact(member) ? newest : member.position;
      },
      stop() {
        liveShapes.remove(shape, member);
        liveShapes.touchMeta();
      },
    };
  }

  return {
    subscribe(prepared, sink) {
      if (closed) return refuse(sink, overloaded('Headgate is shutting down.'));
      if (prepared.atLeast === undefined) return open(prepared, sink);
      let inner: Subscription | undefined;
      const giveUp = arrivals.wait(prepared, (error) => {
        inner = error === undefined ? open(prepared, sink) : refuse(sink, error);
      });
      return {
        position: () => inner?.position(),
        stop: () => (inner === undefined ? giveUp() : inner.stop()),
      };
    },
    arrived: (prepared) => new Promise((resolve) => void arrivals.wait(prepared, resolve)),
    wake() {
      if (closed) return;
      if (liveShapes.size + changeStreams.size + arrivals.size === 0) return;
      const progress = options.progress();
      if (progress !== toldProgress) liveShapes.touchMeta();
      toldProgress = progress;
      turns.wake();
    },
    busiest: (limit) => busiest([...liveShapes.open(), ...changeStreams.open()], limit),
    counts: () => ({
      shapes: liveShapes.size + changeStreams.size,
      subscribers: liveShapes.members + changeStreams.streams,
      changeStreams: changeStreams.streams,
      waiting: arrivals.size,
    }),
    close() {
      if (closed) return;
      closed = true;
      turns.close();
      arrivals.close(overloaded('Headgate is shutting down.'));
      liveShapes.complete();
      changeStreams.complete();
    },
  };
}

/**
 * Bytes of the feed that are worth reading to learn which of so many shapes a commit touches. Beyond, evaluating them all
 * is less work; and reading is done in one go, which must not take long.
 */
function worthReading(shapes: number): number {
  return shapes === 0 ? 0 : Math.min(262_144 + 1_024 * shapes, 4_194_304);
}

function overloaded(why: string): GraphQLError {
  return toGraphQLError(new GatewayError('OVERLOADED', `${why} Try again shortly.`, { retryable: true }));
}

/** A subscription that consists of an error. It arrives after `subscribe` has returned, like every frame. */
function refuse(sink: FrameSink, error: GraphQLError): Subscription {
  let stopped = false;
  queueMicrotask(() => {
    if (stopped) return;
    stopped = true;
    sink.send(errorFrame(error), () => {});
    sink.complete();
  });
  return { position: () => undefined, stop: () => (stopped = true) };
}
