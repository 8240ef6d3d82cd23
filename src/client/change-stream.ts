/** The variables that a document passes to its change stream. */
export interface StreamVariables {
  readonly after: string;
  readonly snapshot: string | undefined;
  /** Whether it may begin again with all rows: `snapshot: true`, or the variable. */
  readonly resets: boolean;
}

/** `songChanges(…)`, with strings in its arguments passed over. The name of an operation may look like it. */
const changesField = /Changes\s*\(((?:"(?:\\.|[^"\\])*"|[^")])*)\)/g;

/**
 * How the change stream of a document is resumed: undefined where its arguments have no `after: $variable`. Read from the text, so
 * that a page needs no parser.
 */
export function streamVariables(query: string): StreamVariables | undefined {
  for (const [, args = ''] of query.matchAll(changesField)) {
    const after = /\bafter\s*:\s*\$(\w+)/.exec(args)?.[1];
    const [resets, snapshot] = /\bsnapshot\s*:\s*(?:true\b|\$(\w+))/.exec(args) ?? [];
    if (after !== undefined) return { after, snapshot, resets: resets !== undefined };
  }
  return undefined;
}

export function isSubscription(query: string): boolean {
  return /(?:^|\})\s*subscription\b/.test(query.replaceAll(/#.*/g, ''));
}

/** Whether a result is a message of a change stream. */
export function isChanges(data: unknown): boolean {
  return Object.values(data ?? {}).some(
    (field) => typeof field === 'object' && field !== null && ('changes' in field || 'deletedIds' in field),
  );
}
