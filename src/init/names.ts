import { fixedTypes, singularOf, singularWord, tableTypeSuffixes } from '../catalog/names.ts';
import { columnScalars } from '../config/definitions.ts';

/** `com.acme.order-lines.v1` gives `OrderLine`; with a higher `depth` more of what stands before it: `AcmeOrderLine`. */
export function typeNameOf(topic: string, depth = 1): string {
  const segments = topic.split('.').filter((segment) => segment !== '');
  // Versions and the like name no thing.
  while (segments.length > 1 && /^v?\d+$/i.test(segments.at(-1) ?? '')) segments.pop();
  const parts = segments
    .slice(-depth)
    .join('-')
    .replace(/[-_]v\d+$/i, '')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .split(/[^A-Za-z\d]+/)
    .filter((part) => part !== '')
    .map((part) => part.toLowerCase());
  const last = parts.pop() ?? '';
  const name = [...parts, singularWord(last)].map(capitalized).join('');
  return safeTypeName(/^[A-Za-z]/.test(name) ? name : `Topic${name}`);
}

/** One that the API does not have already. */
export function safeTypeName(name: string): string {
  const taken =
    fixedTypes.includes(name) || columnScalars.has(name) || tableTypeSuffixes.some((suffix) => name.endsWith(suffix));
  return taken || name.endsWith('Filter') ? `${name}Row` : name;
}

/** `first-name` gives `firstName`, `_id` gives `id`, `Order ID` gives `orderId`; what GraphQL takes and people write stays as it is. */
export function fieldNameOf(member: string): string {
  if (/^[a-z]\w*$/.test(member)) return member;
  // Letters with accents lose them, others are left out: names of GraphQL are ASCII.
  const plain = member.normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll('ß', 'ss');
  const parts = plain.split(/[^A-Za-z\d_]+/).filter((part) => part !== '');
  const name = parts
    .map((part) => (/[a-z]/.test(part) ? part : part.toLowerCase()))
    .map((part, i) => (i === 0 ? singularOf(part.replace(/^_+/, '')) : capitalized(part)))
    .join('')
    .replace(/^_+/, '');
  if (name === '') return 'field';
  return /^\d/.test(name) ? `field${name}` : name;
}

/** A name that is none of the taken ones; adds it to them. */
export function unused(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}${count}`;
  taken.add(name);
  return name;
}

/** `orderLines` gives `orderLine`. */
export function singularName(name: string): string {
  return name.replace(/[A-Z]?[a-z]+$/, (word) => {
    const one = singularWord(word.toLowerCase());
    return /^[A-Z]/.test(word) ? capitalized(one) : one;
  });
}

/** `OrderLine` gives `order-line`. */
export function fileNameOf(type: string): string {
  return type.replaceAll(/([a-z\d])([A-Z])/g, '$1-$2').toLowerCase();
}

export function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What a path is in `@from(path:)`: dots inside names are written `\.`. */
export function pathText(path: readonly string[]): string {
  return path.map((step) => step.replaceAll(/[\\.]/g, '\\$&')).join('.');
}
