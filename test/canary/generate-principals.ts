import type { Random } from '../support/random.ts';
import type { Claims } from './condition.ts';
import { roles, words } from './generate-rules.ts';
import type { Principal } from './sight.ts';

/** Some with an identity, whose claims may be missing or of a wrong type; the last one without. `keys`: of rows, for claims. */
export function generatePrincipals(random: Random, count: number, keys: readonly unknown[]): readonly Principal[] {
  return Array.from({ length: count }, (_, i): Principal => {
    const name = `p${i}`;
    return i === count - 1 ? { name } : { name, identity: generateIdentity(random, keys) };
  });
}

export function generateIdentity(random: Random, keys: readonly unknown[]): NonNullable<Principal['identity']> {
  return { claims: generateClaims(random, keys), roles: roles.filter(() => random.int(3) === 0) };
}

/** The same caller later: with another value in one of its claims, or another role. */
export function changedIdentity(
  random: Random,
  { claims, roles: had }: NonNullable<Principal['identity']>,
  keys: readonly unknown[],
): NonNullable<Principal['identity']> {
  if (random.int(3) === 0) return { claims, roles: had.length > 0 ? had.slice(1) : [random.pick(roles)] };
  const other = generateClaims(random, keys);
  const name = random.pick(Object.keys({ ...claims, ...other }));
  return { claims: { ...claims, [name]: other[name] }, roles: had };
}

function generateClaims(random: Random, keys: readonly unknown[]): Claims {
  const tenant = random.pick(words.tenant);
  const given: Record<string, unknown> = {
    sub: random.pick(words.owner),
    org: { tenant, 'Loud.tenant': random.pick(words.tenant).toUpperCase() },
    tenants: words.tenant.filter(() => random.int(2) === 0),
    level: random.pick(words.level),
    admin: random.int(2) === 0,
    docs: keys.filter(() => random.int(4) === 0),
  };
  const odd = random.int(4) === 0 ? random.pick(Object.keys(given)) : undefined;
  if (odd !== undefined) given[odd] = wrong(random, given[odd]);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Missing, or nothing that a column of the rules can have; or one value where a list is meant, which stands for a list of it. */
function wrong(random: Random, right: unknown): unknown {
  if (Array.isArray(right))
    return random.pick([undefined, null, { 0: 'north' }, [['north']], [null], 'north'] as const);
  if (typeof right === 'object')
    return random.pick([undefined, null, 'north', ['north'], { tenant: ['north'] }, { tenant: true }] as const);
  if (typeof right === 'string') return random.pick([undefined, null, true, ['u1'], { sub: 'u1' }] as const);
  return random.pick([undefined, null, '2', 'true', 1.5, [2]] as const);
}
