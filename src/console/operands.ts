import type { Operand } from './sdl.ts';

/** A value for an operator, or what is wrong with what was typed. */
export type Typed = { readonly value: unknown } | { readonly mistake: string };

/** What somebody typed, as the operator takes it; lists are typed with commas. */
export function readOperand(text: string, { type, many }: Operand): Typed {
  if (!many) return readLeaf(text, type);
  const values: unknown[] = [];
  for (const part of text.split(',')) {
    const read = readLeaf(part.trim(), type);
    if ('mistake' in read) return read;
    values.push(read.value);
  }
  return { value: values };
}

function readLeaf(text: string, type: string): Typed {
  const trimmed = text.trim();
  switch (type) {
    case 'Boolean':
      return trimmed === 'true' || trimmed === 'false'
        ? { value: trimmed === 'true' }
        : { mistake: 'Type true or false.' };
    case 'Int':
      return /^-?\d+$/.test(trimmed) ? { value: Number(trimmed) } : { mistake: 'Type a whole number.' };
    case 'Float':
      return trimmed !== '' && Number.isFinite(Number(trimmed))
        ? { value: Number(trimmed) }
        : { mistake: 'Type a number.' };
    case 'JSON':
      try {
        return { value: JSON.parse(trimmed) };
      } catch {
        return { mistake: 'Type JSON.' };
      }
    case 'String':
    case 'ID':
      return { value: text };
    default:
      // The gateway reads these from text, and says what it wants where it cannot.
      return trimmed === '' ? { mistake: `Type a ${type}.` } : { value: trimmed };
  }
}
