/**
 * What OWASP's GraphQL cheat sheet tells operators to see to, as checks of a server with the charts' schema and no identity:
 * https://cheatsheetseries.owasp.org/cheatsheets/GraphQL_Cheat_Sheet.html. What needs callers is in the test.
 */
export interface OwaspCheck {
  /** The section of the sheet, and what it asks for. */
  readonly section: string;
  readonly asks: string;
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** What must come: an error of this code … */
  readonly code?: string;
  /** … or this data: what was asked is taken for a value, and no more. */
  readonly data?: unknown;
}

const nested = (levels: number): string =>
  levels === 0 ? 'id' : levels % 2 === 0 ? `songs { ${nested(levels - 1)} }` : `artist { ${nested(levels - 1)} }`;

const injections: readonly (readonly [kind: string, text: string])[] = [
  ['SQL', "a1' OR '1'='1' --"],
  ['SQL in a union', "' UNION SELECT name FROM sqlite_master; --"],
  ['NoSQL', '{"$gt": ""}'],
  ['OS command', '$(touch /tmp/headgate-injected); `id` | cat /etc/passwd'],
  ['LDAP', '*)(uid=*))(|(uid=*'],
  ['XML entities', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
  ['SSRF', 'http://169.254.169.254/latest/meta-data/'],
  ['CRLF', 'a1\r\nset-cookie: admin=1\r\n\r\n{"data":{}}'],
  ['path', '../../../../etc/passwd'],
  ['prototype', '__proto__'],
  ['NUL', 'a1\u0000'],
];

export const owaspChecks: readonly OwaspCheck[] = [
  {
    section: 'Input validation',
    asks: 'enums take their values alone',
    document: '{ songs(where: { genre: { eq: POLKA } }) { id } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    section: 'Input validation',
    asks: 'scalars take what they are',
    document: '{ artists(where: { formedIn: { eq: "1999" } }) { id } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    section: 'Input validation',
    asks: 'variables are held to their types',
    document: 'query($n: Int!) { artists(where: { formedIn: { eq: $n } }) { id } }',
    variables: { n: { gte: 0 } },
    code: 'BAD_USER_INPUT',
  },
  {
    section: 'Input validation',
    asks: 'numbers are in range',
    document: 'query($n: Int!) { artists(where: { formedIn: { eq: $n } }) { id } }',
    variables: { n: 2 ** 53 },
    code: 'BAD_USER_INPUT',
  },
  ...injections.flatMap(([kind, text]): readonly OwaspCheck[] => [
    {
      section: 'Injection prevention',
      asks: `${kind}: a key is compared, not interpreted`,
      document: 'query($text: ID!) { artist(id: $text) { name } }',
      variables: { text },
      data: { artist: null },
    },
    {
      section: 'Injection prevention',
      asks: `${kind}: a filter is compared, not interpreted`,
      document: 'query($text: String!) { artists(where: { name: { eq: $text } }) { name } }',
      variables: { text },
      data: { artists: [] },
    },
  ]),
  {
    section: 'Process validation',
    asks: 'a client names no field that is not offered',
    document: 'query($by: [ArtistOrderBy!]) { artists(orderBy: $by) { id } }',
    variables: { by: [{ constructor: 'ASC' }] },
    code: 'BAD_USER_INPUT',
  },
  {
    section: 'Query limiting: depth',
    asks: 'depth is limited',
    document: `{ artists { ${nested(20)} } }`,
    code: 'LIMIT_EXCEEDED',
  },
  {
    section: 'Query limiting: depth',
    asks: 'fragments do not hide depth',
    document: `{ artists { ...A } } fragment A on Artist { songs { artist { songs { artist { ...B } } } } } fragment B on Artist { songs { artist { songs { artist { songs { artist { id } } } } } } }`,
    code: 'LIMIT_EXCEEDED',
  },
  {
    section: 'Query limiting: amount',
    asks: '99999999 of a list is too much',
    document: '{ songs(limit: 99999999) { title } }',
    code: 'LIMIT_EXCEEDED',
  },
  {
    section: 'Query limiting: amount',
    asks: '99999999 of a page is too much',
    document: '{ songsConnection(first: 99999999) { nodes { title } } }',
    code: 'LIMIT_EXCEEDED',
  },
  {
    section: 'Pagination',
    asks: 'an offset is limited',
    document: '{ songs(offset: 99999999) { title } }',
    code: 'LIMIT_EXCEEDED',
  },
  {
    section: 'Query cost analysis',
    asks: 'what is asked for is counted before it is done',
    document: '{ artists(limit: 1000) { songs { plays { id song { title } } } } }',
    code: 'LIMIT_EXCEEDED',
  },
  {
    section: 'Batching attacks',
    asks: 'objects are not enumerated by aliases',
    document: `{ ${Array.from({ length: 100 }, (_, n) => `a${n}: artist(id: "a${n}") { name }`).join(' ')} }`,
    code: 'LIMIT_EXCEEDED',
  },
  {
    section: 'Mutation access',
    asks: 'nothing is written',
    document: 'mutation { deleteArtist(id: "a1") { id } }',
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    section: 'Secure configurations',
    asks: 'introspection is off',
    document: '{ __schema { queryType { fields { name } } } }',
    code: 'FORBIDDEN',
  },
  {
    section: 'Secure configurations',
    asks: 'introspection is off, of a type and within a fragment',
    document: '{ ...F } fragment F on Query { hidden: __type(name: "Artist") { fields { name } } }',
    code: 'FORBIDDEN',
  },
];
