import type { TopicStatus } from './documents.ts';
import { FrameNumber } from './frame-number.tsx';
import { useGateway } from './gateway-status.tsx';
import { lagOf, nextOf, recordsOf } from './measured.ts';
import { Progress } from './progress.tsx';
import { Rate } from './rate.tsx';
import { Sparkline } from './sparkline.tsx';
import { sum } from './sum.ts';
import { isLagUnknown, topicState } from './topic-state.ts';
import type { TopicState } from './topic-state.ts';
import { asOffsets } from './units.ts';
import type { OffsetUnit } from './units.ts';

const points = 60;

export interface PartitionRowProps {
  readonly partition: TopicStatus;
  readonly unit: OffsetUnit;
  /** It is the only one: it stands for its topic. */
  readonly alone?: boolean;
}

export function PartitionRow({ partition, unit, alone = false }: PartitionRowProps) {
  const { topic, partition: number, next, end, lag, tables } = partition;
  const { live } = useGateway();
  const state = topicState([partition], live.data?.tables ?? []);
  const isGone = state === 'gone' || state === 'missing';
  const lagKnown = isLagUnknown(state) ? null : lag;
  const digits = (value: string | null) =>
    value === null ? (
      <span className="none">–</span>
    ) : (
      <FrameNumber value={value} format={(each) => asOffsets(each, unit)} />
    );
  return (
    <tr className={alone ? undefined : 'part'}>
      <th scope="row">
        {alone ? topic : <span className="hidden">{topic}, </span>}
        {!alone && <span>partition {number}</span>}
      </th>
      <td>
        <State partitions={[partition]} />
      </td>
      <td className="number wide">{digits(next)}</td>
      <td className="number wide">{digits(isGone ? null : end)}</td>
      <td className="number">
        <Lags partitions={[partition]} known={lagKnown !== null} />
        <span className={lagKnown === null || lagKnown === '0' ? 'none' : 'behind'}>{digits(lagKnown)}</span>
      </td>
      <td className="number">
        <Moves partitions={[partition]} />
      </td>
      <td className="wide">{alone && <span className="from">{tables.join(', ')}</span>}</td>
    </tr>
  );
}

export interface TopicRowProps {
  readonly topic: string;
  readonly partitions: readonly TopicStatus[];
  readonly unit: OffsetUnit;
  readonly open: boolean;
  onToggle(): void;
}

/** A topic of several partitions: the sums of what they say. */
export function TopicRow({ topic, partitions, unit, open, onToggle }: TopicRowProps) {
  const { live } = useGateway();
  const unknown = isLagUnknown(topicState(partitions, live.data?.tables ?? []));
  const lag = sum(partitions.map((each) => Number(each.lag ?? 0))) ?? 0;
  return (
    <tr>
      <th scope="row">
        {topic}{' '}
        <button type="button" className="link" aria-expanded={open} onClick={onToggle}>
          {partitions.length} partitions
        </button>
      </th>
      <td>
        <State partitions={partitions} />
      </td>
      <td className="number wide" />
      <td className="number wide" />
      <td className="number">
        <Lags partitions={partitions} known={!unknown} />
        <span className={unknown || lag === 0 ? 'none' : 'behind'}>{unknown ? '–' : asOffsets(lag, unit)}</span>
      </td>
      <td className="number">
        <Moves partitions={partitions} />
      </td>
      <td className="wide">
        <span className="from">{partitions[0]?.tables.join(', ')}</span>
      </td>
    </tr>
  );
}

interface OfPartitions {
  readonly partitions: readonly TopicStatus[];
}

/** Whether all is read; where not, how much of it, and how long the rest takes at the rate of now. */
function State({ partitions }: OfPartitions) {
  const { live, history, at } = useGateway();
  const state = topicState(partitions, live.data?.tables ?? []);
  if (state !== 'reading') return <Mark state={state} />;
  const done = sum(partitions.map(({ next }) => Number(next ?? 0))) ?? 0;
  const end = sum(partitions.map((each) => Number(each.end ?? 0))) ?? 0;
  const perSecond = sum(partitions.map((each) => history.rate(nextOf(each), at)));
  return <Progress done={done} end={end} perSecond={perSecond} unit={live.data?.source.offsetUnit ?? 'RECORDS'} />;
}

const words: Readonly<Record<Exclude<TopicState, 'reading'>, string>> = {
  gone: 'gone',
  missing: 'missing',
  unseen: 'not seen yet',
  recreated: 'recreated, not read',
  stopped: 'stopped',
  read: 'caught up',
};

function Mark({ state }: { readonly state: keyof typeof words }) {
  return (
    <span className="phase" data-state={state}>
      <span className="dot" aria-hidden="true" />
      {words[state]}
    </span>
  );
}

function Moves({ partitions }: OfPartitions) {
  const { history, at } = useGateway();
  const rate = (when: number) => sum(partitions.map((each) => history.rate(recordsOf(each), when)));
  return (
    <>
      <Sparkline
        values={history.series(points, at, rate)}
        label="Records a second, the last five minutes"
        none="no traffic"
      />
      <Rate perSecond={rate(at)} />
    </>
  );
}

function Lags({ partitions, known }: OfPartitions & { readonly known: boolean }) {
  const { history, at } = useGateway();
  const values = history.series(points, at, (when) => sum(partitions.map((each) => history.value(lagOf(each), when))));
  return <Sparkline values={values} label="Lag, the last five minutes" none={known ? 'no lag' : ''} />;
}
