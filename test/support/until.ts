/** Waits a turn at a time until it holds; rejects where it does not within `mostMs`, which is for what would never. */
export async function until(holds: () => boolean | Promise<boolean>, mostMs = 15_000): Promise<void> {
  const endMs = performance.now() + mostMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`it does not come to hold: ${holds.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
