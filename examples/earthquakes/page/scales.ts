/** How a quake is drawn: as large as it was strong, and coloured by how deep it was. */

/** Up to so many km, and from the last on. */
export const depths = [10, 35, 70, 150, 300] as const;

// From light to dark on paper and from bright to dim on black: in both, the shallow ones stand out, which are felt most.
const onPaper = ['#d98200', '#cf4f2b', '#b02a58', '#7f2a80', '#4b3391', '#233a80'] as const;
const onBlack = ['#ffd166', '#ff9b54', '#f4696b', '#cf5fae', '#9a72e0', '#6a8fee'] as const;

export function depthColours(dark: boolean): readonly string[] {
  return dark ? onBlack : onPaper;
}

/** Of the colours. */
export function depthClass(km: number): number {
  const found = depths.findIndex((limit) => km < limit);
  return found === -1 ? depths.length : found;
}

/** px, on a map that is so wide. Each step of the magnitude makes it 1.6 times as large. */
export function radius(magnitude: number, mapWidth = fullWidth): number {
  return 1.25 * Math.min(1, Math.sqrt(mapWidth / fullWidth)) * 1.6 ** Math.max(0, magnitude);
}

const fullWidth = 760;
