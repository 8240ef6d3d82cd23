import { useState } from 'react';
import type { TopicStatus } from './documents.ts';
import { List } from './list.tsx';
import type { ListHead } from './list.tsx';
import { PartitionRow, TopicRow } from './topic-rows.tsx';
import type { OffsetUnit } from './units.ts';

/** More partitions than so many are shown when they are asked for. */
const fewPartitions = 4;

const heads: readonly ListHead[] = [
  { name: 'Topic' },
  { name: 'State' },
  { name: 'Next offset', className: 'number wide' },
  { name: 'End', className: 'number wide', title: 'Up to here it could be read when it was last looked at' },
  { name: 'Lag', className: 'number' },
  { name: 'Incoming', className: 'number' },
  { name: 'Tables', className: 'wide' },
];

export interface TopicsListProps {
  readonly topics: readonly TopicStatus[];
  readonly unit: OffsetUnit;
}

/** Partition by partition, with the whole topic above where it has several. */
export function TopicsList({ topics, unit }: TopicsListProps) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const names = [...new Set(topics.map(({ topic }) => topic))];
  return (
    <List label="Topics" heads={heads}>
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
    </List>
  );
}
