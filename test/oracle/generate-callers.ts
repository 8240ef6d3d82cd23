import type { Caller } from './claims.ts';
import type { History } from './generate-history.ts';
import { auditorRole } from './generate-rules.ts';
import { parseJson, printJson } from './json.ts';
import type { Random } from './random.ts';
import { roleNames, type ClaimSpec } from './rule-writer.ts';
import { sampleText, wrongText } from './samples.ts';

/** Draws who asks: claims with values that rows have, claims that are missing, null, or of another type. */
export class Callers {
  readonly #random: Random;
  readonly #claims: readonly ClaimSpec[];
  readonly #history: Pick<History, 'sample'>;

  constructor(random: Random, claims: readonly ClaimSpec[], history: Pick<History, 'sample'>) {
    this.#random = random;
    this.#claims = claims;
    this.#history = history;
  }

  /** Nobody first, then three or four of whom something is known, and last whoever sees nearly all. */
  all(): readonly (Caller | undefined)[] {
    const random = this.#random;
    const known = [this.#draw(), this.#draw()];
    for (let more = random.between(1, 2); more > 0; more -= 1) {
      known.push(random.chance(0.5) ? this.changed(random.pick(known)) : this.#draw());
    }
    return [undefined, ...known, { claims: {}, roles: [auditorRole] }];
  }

  #draw(): Caller {
    const random = this.#random;
    const claims: Record<string, unknown> = {};
    for (const claim of this.#claims) put(claims, claim.path, this.#value(claim));
    if (random.chance(0.3)) claims['jti'] = random.int(1000);
    return { claims, roles: random.some(roleNames, 0, 2) };
  }

  /** Another token of the same person: with one claim or role changed, or none that a rule reads. */
  changed(caller: Caller): Caller {
    const random = this.#random;
    const claims = structuredClone(caller.claims) as Record<string, unknown>;
    const draw = random.int(100);
    if (draw < 35 || (draw < 80 && this.#claims.length === 0)) return { ...caller, claims: { ...claims, jti: draw } };
    if (draw < 80) {
      const claim = random.pick(this.#claims);
      put(claims, claim.path, this.#value(claim));
      return { ...caller, claims };
    }
    return { claims, roles: random.some(roleNames, 0, 3) };
  }

  #value(claim: ClaimSpec): unknown {
    const random = this.#random;
    const draw = random.int(100);
    if (draw < 8) return undefined;
    if (draw < 12) return null;
    const one = (): unknown => (random.chance(0.05) ? this.#wrong(claim) : this.#right(claim));
    const member = (): unknown => (random.chance(0.04) ? null : one());
    // A list where one value is wanted is no value of the column.
    if (!claim.list) return draw < 14 ? [one()] : one();
    return draw < 35 ? one() : Array.from({ length: random.pick([0, 1, 2, 2, 3]) }, member);
  }

  /** What the column may have in a row. */
  #right({ table, leaf }: ClaimSpec): unknown {
    const random = this.#random;
    const type = leaf.type.kind === 'list' ? leaf.type.element : leaf.type;
    const isWhole = leaf.path.length === 0 && leaf.type.kind !== 'list';
    const found = isWhole ? this.#history.sample(table, leaf.column) : undefined;
    const text = found === undefined || found === 'null' ? sampleText(random, type, 'few') : found;
    const json = parseJson(text);
    // A token's numbers are those of JavaScript.
    const isExact =
      json.t !== 'num' || Number.isSafeInteger(Number(json.text)) || type.kind !== 'scalar' || type.scalar === 'Float';
    return JSON.parse(isExact ? text : JSON.stringify(printJson(json))) as unknown;
  }

  #wrong({ leaf }: ClaimSpec): unknown {
    const text = wrongText(this.#random, leaf.type.kind === 'list' ? leaf.type.element : leaf.type);
    return JSON.parse(text) as unknown;
  }
}

function put(claims: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length > 0) {
    const inner = (claims[name] ??= {});
    put(inner as Record<string, unknown>, rest, value);
  } else if (value === undefined) delete claims[name];
  else claims[name] = value;
}
