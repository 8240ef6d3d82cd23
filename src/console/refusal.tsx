import { codeOf } from './error-code.ts';

/** What the gateway said instead of an answer. */
export function Refusal({ error, onRetry }: { readonly error: Error | undefined; onRetry(): void }) {
  return (
    <div className="notice refusal" role="alert">
      <p>
        <strong>{codeOf(error) ?? 'The gateway refused this'}</strong> {error?.message}
      </p>
      <button type="button" onClick={onRetry}>
        Ask again
      </button>
    </div>
  );
}
