import { gql } from '@apollo/client';
import type { TypedDocumentNode } from '@apollo/client';
import type { ChangesMessage } from 'headgate/client';
import { useLayoutEffect, useRef } from 'react';
import { createRoot } from 'react-dom/client';
import { createPageClient, LiveClient } from '../../../src/page/live-client.tsx';
import { useRows } from '../../../src/page/use-rows.ts';

/** The page of `../page.ts`: draws objects as the pages of the examples do, and notes when each change was on the screen. */
interface Mover {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  /** When it was produced, ms since the epoch. */
  readonly at: number;
}

interface Messages {
  readonly moverChanges: ChangesMessage<Mover>;
}

const moverChanges: TypedDocumentNode<Messages, Record<string, never>> = gql`
  subscription Movers($after: String) {
    moverChanges(after: $after, snapshot: true) {
      changes {
        operation
        rowId
        node {
          id
          x
          y
          at
        }
      }
      deletedIds
      reset
    }
  }
`;

const messageOf = (data: Messages): Messages['moverChanges'] => data.moverChanges;

/** Read by the benchmark. `latencies`: from the producer to the screen, ms. */
const measured = { rows: 0, frames: 0, latencies: [] as number[] };
Object.assign(window, { measured });

function Movers() {
  const { data: movers } = useRows<Mover, Messages>(moverChanges, messageOf);
  const drawn = useRef<ReadonlySet<Mover>>(new Set());
  useLayoutEffect(() => {
    if (movers === undefined) return;
    draw(movers);
    const before = drawn.current;
    const moved = movers.filter((mover) => !before.has(mover));
    drawn.current = new Set(movers);
    afterPaint(() => {
      const now = performance.timeOrigin + performance.now();
      measured.rows = movers.length;
      measured.frames += 1;
      for (const { at } of moved) measured.latencies.push(now - at);
    });
  }, [movers]);
  return null;
}

const canvas = document.getElementById('canvas') as HTMLCanvasElement;
const context = canvas.getContext('2d')!;

function draw(movers: readonly Mover[]): void {
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (const { x, y } of movers) {
    context.beginPath();
    context.arc(x * canvas.width, y * canvas.height, 4, 0, 2 * Math.PI);
    context.fill();
  }
}

/** A message that is sent while a frame is made arrives once it has been painted. */
function afterPaint(then: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    then();
  };
  port2.postMessage(undefined);
}

createRoot(document.getElementById('root')!).render(
  <LiveClient client={createPageClient()}>
    <Movers />
  </LiveClient>,
);
