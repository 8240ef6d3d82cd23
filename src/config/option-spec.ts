import type { OptionKind } from './option-kinds.ts';

/**
 * A setting. Its flag, environment variable and key in `headgate.config` follow from its name: `maxBodyBytes` is
 * `--max-body-bytes`, `HEADGATE_MAX_BODY_BYTES` and `maxBodyBytes`; `kafka.saslUsername` is `saslUsername` inside `kafka`.
 */
export interface OptionSpec<T> {
  readonly kind: OptionKind<T>;
  readonly default: T | undefined;
  readonly help: string;
  /** Where it is not what the name gives. */
  readonly flag?: string | undefined;
  readonly env?: string | undefined;
  /**
   * Never on the command line, which other users of the machine can read; in a file, too, that its environment variable with `_FILE`
   * names.
   */
  readonly secret?: boolean | undefined;
  /** No text can say it: it is a value of `headgate.config` alone. */
  readonly configOnly?: boolean | undefined;
}

export function option<T>(kind: OptionKind<T>, fallback: T, help: string): OptionSpec<T> & { readonly default: T } {
  return { kind, default: fallback, help };
}

export function optional<T>(kind: OptionKind<T>, help: string, more: Partial<OptionSpec<T>> = {}): OptionSpec<T> {
  return { kind, default: undefined, help, ...more };
}
