import { parseByteSize } from './read-literal.ts';
import type { Authenticate } from './authenticate.ts';

/** How the values of an option are written: as text (flag, environment) and as a value of `headgate.config`. */
export interface OptionKind<T> {
  /** For messages: "expects …". */
  readonly expected: string;
  /** For help: `--port N`. Empty: a flag without a value. */
  readonly placeholder: string;
  /** True: a flag may be repeated, and its values are joined. */
  readonly list: boolean;
  /** Undefined where it does not fit. */
  read(given: unknown): T | undefined;
}

export const text: OptionKind<string> = {
  expected: 'a text that is not empty',
  placeholder: 'TEXT',
  list: false,
  read: (given) => (typeof given === 'string' && given.trim() !== '' ? given.trim() : undefined),
};

export function textOf(placeholder: string): OptionKind<string> {
  return { ...text, placeholder };
}

/** Too long to be guessed. */
export function secretOf(minLength: number): OptionKind<string> {
  return {
    ...text,
    expected: `a text of ${minLength} characters or more`,
    read: (given) => {
      const read = text.read(given);
      return read !== undefined && read.length >= minLength ? read : undefined;
    },
  };
}

/** JSON text, or the object itself. */
export function jsonObject(example: string): OptionKind<Readonly<Record<string, unknown>>> {
  return {
    expected: `a JSON object, such as ${example}`,
    placeholder: 'JSON',
    list: false,
    read: (given) => {
      const value = typeof given === 'string' ? parseJson(given) : given;
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
    },
  };
}

function parseJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}

/** The one setting that is a function. */
export const hook: OptionKind<Authenticate> = {
  expected: 'a function of credentials',
  placeholder: '',
  list: false,
  read: (given) => (typeof given === 'function' ? (given as Authenticate) : undefined),
};

/** Separated by commas, a repeated flag, or an array. */
export function listOf(
  placeholder: string,
  expected: string,
  fits: (each: string) => boolean = () => true,
): OptionKind<readonly string[]> {
  return {
    expected,
    placeholder,
    list: true,
    read: (given) => {
      const parts: readonly unknown[] =
        typeof given === 'string' ? splitList(given) : Array.isArray(given) ? given : [];
      const texts = parts.flatMap((each) => (typeof each === 'string' && fits(each.trim()) ? [each.trim()] : []));
      return texts.length === 0 || texts.length !== parts.length ? undefined : texts;
    },
  };
}

export const flag: OptionKind<boolean> = {
  expected: 'true or false',
  placeholder: '',
  list: false,
  read: (given) => {
    if (typeof given === 'boolean') return given;
    if (given === 'true' || given === '1' || given === 'yes') return true;
    return given === 'false' || given === '0' || given === 'no' ? false : undefined;
  },
};

export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): OptionKind<number> {
  const upTo = max === Number.MAX_SAFE_INTEGER ? 'up' : `to ${max}`;
  return {
    expected: `a whole number from ${min} ${upTo}`,
    placeholder: 'N',
    list: false,
    read: (given) => {
      const value = typeof given === 'string' && /^\d{1,16}$/.test(given.trim()) ? Number(given) : given;
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
        ? value
        : undefined;
    },
  };
}

/** For timers, which overflow above. */
export const milliseconds: OptionKind<number> = { ...wholeNumber(1, 2_147_483_647), placeholder: 'MS' };

export const byteSize: OptionKind<number> = {
  expected: 'a number of bytes, such as 102400, 100kB or 1MB',
  placeholder: 'BYTES',
  list: false,
  read: (given) => (typeof given === 'string' || typeof given === 'number' ? parseByteSize(String(given)) : undefined),
};

export function oneOf<T extends string>(...choices: readonly T[]): OptionKind<T> {
  return {
    expected: `one of ${choices.join(', ')}`,
    placeholder: choices.join('|'),
    list: false,
    read: (given) => choices.find((choice) => choice === given),
  };
}

/** At commas outside braces: `schema/{a,b}.graphql` is one glob. */
function splitList(given: string): readonly string[] {
  return (given.match(/(?:\{[^}]*\}|[^,])+/g) ?? []).map((each) => each.trim()).filter((each) => each !== '');
}
