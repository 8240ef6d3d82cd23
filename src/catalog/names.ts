import pluralize from 'pluralize';

/** The names that the API derives from those of tables and columns. `query` makes them; `name-rules.ts` keeps them apart. */

/** `Song` gives `song`, `URLVisit` gives `urlVisit`, `S3Object` gives `s3Object`. */
export function singularOf(typeName: string): string {
  return typeName.replace(/^[A-Z]+(?=[A-Z][a-z]|[^a-zA-Z]|$)|^[A-Z]/, (start) => start.toLowerCase());
}

/** `songs`; `…List` where the plural is the same word, as in `songStatsList`. */
export function pluralOf(singular: string): string {
  // The last word alone, in small letters: pluralize makes `planBS` of `planB`, and does not know `orderEquipment`.
  const plural = singular.replace(/[A-Z]?[a-z0-9]*$/, (word) => {
    const many = pluralize.plural(word.toLowerCase());
    return /^[A-Z]/.test(word) ? capitalized(many) : many;
  });
  return plural === singular ? `${singular}List` : plural;
}

/** `songs` gives `song`; in small letters. */
export function singularWord(plural: string): string {
  return pluralize.singular(plural);
}

export function connectionField(plural: string): string {
  return `${plural}Connection`;
}

export function changesField(singular: string): string {
  return `${singular}Changes`;
}

/** The root field of a unique index: `songByIsrc`, `seatByRowAndNumber`. */
export function lookupField(singular: string, columns: readonly { readonly name: string }[]): string {
  return `${singular}By${columns.map(({ name }) => capitalized(name)).join('And')}`;
}

/** Endings of the types that the API makes for a table: `SongWhere`, `SongOrderBy`, … */
export const tableTypeSuffixes = ['Where', 'OrderBy', 'Connection', 'Edge', 'Change', 'Changes', 'Previous'] as const;

/** Types that the API has whatever the tables. */
export const fixedTypes: readonly string[] = [
  'Query',
  'Mutation',
  'Subscription',
  'Node',
  'PageInfo',
  'ChangeOperation',
  'OrderDirection',
  'StringMatchMode',
  'TopicOffset',
  'ListFilter',
];

/** Filters of columns and relations, which are shared by all that have the type: `IntFilter`, `GenreListFilter`. */
export function filterTypes(typeName: string): readonly string[] {
  return [`${typeName}Filter`, `${typeName}ListFilter`];
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
