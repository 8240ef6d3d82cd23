const width = 96;
const height = 20;

export interface SparklineProps {
  /** Oldest first, the last is now; undefined where nothing is known. */
  readonly values: readonly (number | undefined)[];
  /** What it shows, for those who do not see it. */
  readonly label: string;
  /** What it says in place of a plot where all of them are zero. */
  readonly none: string;
}

/** The last minutes of a number, from zero up to the most of them. */
export function Sparkline({ values, label, none }: SparklineProps) {
  const known = values.filter((value) => value !== undefined);
  const most = Math.max(...known, 0);
  if (known.length < 2 || most === 0) return <span className="spark flat">{known.length < 2 ? '' : none}</span>;
  const x = (index: number): string => ((index * width) / (values.length - 1)).toFixed(1);
  const y = (value: number): string => (height - 1.5 - ((height - 3) * value) / most).toFixed(1);
  const points = values.flatMap((value, index) =>
    value === undefined ? [] : [`${x(index)},${y(Math.max(0, value))}`],
  );
  const first = points[0]?.split(',')[0] ?? '0';
  return (
    <svg className="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} />
      <polygon points={`${first},${height} ${points.join(' ')} ${width},${height}`} />
      <polyline points={points.join(' ')} />
    </svg>
  );
}
