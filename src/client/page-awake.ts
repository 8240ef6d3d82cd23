const events = ['online', 'visibilitychange'];

/**
 * Tells when somebody may look again: the browser is online, or the page is seen. Answers what stops that. Never where there is no page,
 * as in Node.
 */
export function onPageAwake(tell: () => void): () => void {
  const { addEventListener, removeEventListener } = globalThis as unknown as Record<
    string,
    ((type: string, listener: () => void) => void) | undefined
  >;
  const seen = (): void => {
    if ((globalThis as { document?: { hidden: boolean } }).document?.hidden !== true) tell();
  };
  for (const event of events) addEventListener?.(event, seen);
  return () => {
    for (const event of events) removeEventListener?.(event, seen);
  };
}
