import { useDark } from '../../../src/page/use-dark.ts';
import { depthColours, depths, radius } from './scales.ts';

const magnitudes = [1, 3, 5] as const;

/** What size and colour say. */
export function Legend() {
  const colours = depthColours(useDark());
  return (
    <div className="legend">
      <dl>
        <dt>Magnitude</dt>
        <dd className="sizes">
          {magnitudes.map((magnitude) => (
            <span key={magnitude}>
              <svg width={2 * radius(magnitude)} height={2 * radius(magnitude)} aria-hidden="true">
                <circle cx="50%" cy="50%" r={radius(magnitude) - 0.5} />
              </svg>
              {magnitude}
            </span>
          ))}
        </dd>
        <dt>Depth, km</dt>
        <dd className="depths">
          {colours.map((colour, index) => (
            <span key={colour} style={{ borderTopColor: colour }}>
              {index === 0 ? `< ${depths[0]}` : `${depths[index - 1]}${index === depths.length ? ' +' : ''}`}
            </span>
          ))}
        </dd>
      </dl>
      <p>A ring: it has just come. The paler, the longer ago, up to three days.</p>
    </div>
  );
}
