/** A definition as it is printed. */
export interface Block {
  /** `Song`, `@atLeast`. */
  readonly name: string;
  readonly text: string;
}

/** The definitions of SDL: there is an empty line between them. */
export function blocksOf(sdl: string): readonly Block[] {
  const blocks: string[] = [];
  for (const part of sdl.split(/\n\n(?=\S)/)) {
    const before = blocks.at(-1);
    // A description of several paragraphs goes on.
    if (before !== undefined && isOpen(before)) blocks[blocks.length - 1] = `${before}\n\n${part}`;
    else if (part.trim() !== '') blocks.push(part.trimEnd());
  }
  return blocks.map((text) => ({ name: nameIn(text), text }));
}

function nameIn(block: string): string {
  return /^(?:type|input|enum|scalar|interface|union|directive) (@?\w+)/m.exec(block)?.[1] ?? block;
}

/** Those that have the text in them; what is called so comes first. `wanted`: in lower case. */
export function search(blocks: readonly Block[], wanted: string): readonly Block[] {
  if (wanted === '') return blocks;
  const rank = ({ name }: Block): number => {
    const lower = name.toLowerCase();
    return lower === wanted ? 0 : lower.includes(wanted) ? 1 : 2;
  };
  return blocks.filter(({ text }) => text.toLowerCase().includes(wanted)).toSorted((a, b) => rank(a) - rank(b));
}

function isOpen(block: string): boolean {
  return (block.split('"""').length - 1) % 2 === 1;
}

export interface Piece {
  readonly kind: 'comment' | 'keyword' | 'type' | 'name' | 'other';
  readonly text: string;
}

const pieces =
  /(?<comment>"""[^]*?"""|"(?:\\.|[^"\\])*"|#.*)|(?<keyword>\b(?:type|input|enum|scalar|interface|union|directive|implements|on|schema|extend)\b(?=\s))|(?<type>\b_?[A-Z]\w*)|(?<name>\b\w+(?=[(:]))|(?<other>[^"#\w]+|\w+|")/g;

/** What of a definition is what, for its colours. */
export function piecesOf(block: string): readonly Piece[] {
  return [...block.matchAll(pieces)].map(({ 0: text, groups = {} }) => {
    const [kind = 'other'] = Object.entries(groups).flatMap(([name, found]) => (found === undefined ? [] : [name]));
    return { kind: kind as Piece['kind'], text };
  });
}
