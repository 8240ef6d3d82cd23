import type { TopicStatus } from './documents.ts';
import { FrameNumber } from './frame-number.tsx';
import { useGateway } from './gateway-status.tsx';
import { lagOf, nextOf, recordsOf } from './measured.ts';
import { isStopped } from './problems.ts';
import { Progress } from './progress.tsx';
import { Rate } from './rate.tsx';
import { Sparkline } from './sparkline.tsx';
import { sum } from './sum.ts';
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
      <td className="number wide">{digits(end)}</td>
      <td className="number">
        <Plot name="Lag" partitions={[partition]} read={lagOf} />
        <span className={lag === null || lag === '0' ? 'none' : 'behind'}>{digits(lag)}</span>
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
        <Plot name="Lag" partitions={partitions} read={lagOf} />
        <span className={lag === 0 ? 'none' : 'behind'}>{asOffsets(lag, unit)}</span>
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
  if (partitions.some(({ missing }) => missing)) return <Mark state="missing">missing</Mark>;
  if (partitions.every(({ partition }) => partition === null)) return <Mark state="missing">not seen yet</Mark>;
  if (partitions.every(({ caughtUp }) => caughtUp)) return <Mark state="good">caught up</Mark>;
  if (partitions.every((each) => isStopped(each, live.data?.tables ?? []))) return <Mark state="stopped">stopped</Mark>;
  const done = sum(partitions.map(({ next }) => Number(next ?? 0))) ?? 0;
  const end = sum(partitions.map((each) => Number(each.end ?? 0))) ?? 0;
  const perSecond = sum(partitions.map((each) => history.rate(nextOf(each), at)));
  return <Progress done={done} end={end} perSecond={perSecond} unit={live.data?.source.offsetUnit ?? 'RECORDS'} />;
}

function Mark({ state, children }: { readonly state: 'good' | 'missing' | 'stopped'; readonly children: string }) {
  return (
    <span className="phase" data-state={state}>
      <span className="dot" aria-hidden="true" />
      {children}
    </span>
  );
}

function Moves({ partitions }: OfPartitions) {
  const { history, at } = useGateway();
  const rate = (when: number) => sum(partitions.map((each) => history.rate(recordsOf(each), when)));
  return (
    <>
      <Sparkline values={history.series(points, at, rate)} label="Records a second, the last five minutes" />
      <Rate perSecond={rate(at)} />
    </>
  );
}

interface PlotProps extends OfPartitions {
  readonly name: string;
  readonly read: (partition: TopicStatus) => string;
}

function Plot({ name, partitions, read }: PlotProps) {
  const { history, at } = useGateway();
  const values = history.series(points, at, (when) => sum(partitions.map((each) => history.value(read(each), when))));
  return <Sparkline values={values} label={`${name}, the last five minutes`} />;
}
