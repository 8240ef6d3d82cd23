/**
 * ` Did you mean "title"?` for a misspelt name, with a leading blank; empty where no known name is near: by default where
 * more than four letters in ten are wrong.
 */
export function didYouMean(
  given: string,
  known: Iterable<string>,
  limit: number = Math.max(1, Math.floor(given.length * 0.4)),
): string {
  const measured = [...new Set(known)]
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance || startsAs(b.name) - startsAs(a.name) || (a.name < b.name ? -1 : 1));
  const near = measured
    .filter(({ distance }) => distance <= (measured[0]?.distance ?? 0) + 1)
    .slice(0, 3)
    .map(({ name }) => `"${name}"`);
  return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;

  /** Misspellings rarely begin with another letter. */
  function startsAs(name: string): number {
    return name.charAt(0).toLowerCase() === given.charAt(0).toLowerCase() ? 1 : 0;
  }
}

/** Letters put in, taken out, replaced, or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
