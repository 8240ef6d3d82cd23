import { useState } from 'react';
import type { TopicStatus } from './documents.ts';
import { PartitionRow, TopicRow } from './topic-rows.tsx';
import { Scroll } from './scroll.tsx';
import type { OffsetUnit } from './units.ts';

/** More partitions than so many are shown when they are asked for. */
const fewPartitions = 4;

export interface TopicsListProps {
  readonly topics: readonly TopicStatus[];
  readonly unit: OffsetUnit;
}

/** Partition by partition, with the whole topic above where it has several. */
export function TopicsList({ topics, unit }: TopicsListProps) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const names = [...new Set(topics.map(({ topic }) => topic))];
  return (
    <Scroll label="Topics">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Topic</th>
            <th scope="col">State</th>
            <th scope="col" className="number wide">
              Next offset
            </th>
            <th scope="col" className="number wide" title="Up to here it could be read when it was last looked at">
              End
            </th>
            <th scope="col" className="number">
              Lag
            </th>
            <th scope="col" className="number">
              Incoming
            </th>
            <th scope="col" className="wide">
              Tables
            </th>
          </tr>
        </thead>
        {names.map((topic) => {
          const partitions = topics.filter((each) => each.topic === topic);
          const [only] = partitions;
          if (partitions.length === 1 && only !== undefined) {
            return (
              <tbody key={topic}>
                <PartitionRow partition={only} unit={unit} alone />
              </tbody>
            );
          }
          const open = partitions.length <= fewPartitions !== toggled.has(topic);
          const toggle = (): void => {
            const changed = new Set(toggled);
            if (!changed.delete(topic)) changed.add(topic);
            setToggled(changed);
          };
          return (
            <tbody key={topic}>
              <TopicRow topic={topic} partitions={partitions} unit={unit} open={open} onToggle={toggle} />
              {open && partitions.map((each) => <PartitionRow key={each.partition} partition={each} unit={unit} />)}
            </tbody>
          );
        })}
      </table>
    </Scroll>
  );
}
