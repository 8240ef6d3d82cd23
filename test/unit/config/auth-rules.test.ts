import { describe, expect, test } from 'vitest';
import { checkSchema } from '../../../src/catalog/build.ts';
import { mistakesIn } from '../../support/mistakes-in.ts';

function withRules(auth: string): readonly string[] {
  return [
    `type Doc @table(topic: "docs") ${auth} {`,
    '  id: ID!',
    '  ownerId: ID! @index',
    '  price: Int',
    '  grants: [Grant!]! @relation(references: ["docId"])',
    '}',
    'type Grant @table(topic: "grants") @key(fields: "docId userId") @hidden { docId: ID! userId: ID! }',
  ];
}

describe('@auth', () => {
  test.each([
    { auth: '@auth(public: true)', mistakes: [] },
    { auth: '@auth(rules: [{}])', mistakes: [] },
    { auth: '@auth(rules: { roles: "admin" })', mistakes: [] },
    { auth: '@auth(rules: [{ where: { ownerId: { eq: "$jwt.sub" } } }])', mistakes: [] },
    {
      auth: '@auth(rules: [{ where: { ownerId: { in: ["$jwt.sub", "u1"] }, price: { gt: "$jwt.least" } } }])',
      mistakes: [],
    },
    { auth: '@auth(rules: [{ where: { grants: { some: { userId: { in: "$jwt.team.members" } } } } }])', mistakes: [] },
    {
      auth: '@auth',
      mistakes: [
        '1:32: @auth says by whom: write @auth(rules: [{ roles: ["…"] }]), or with "where"; for everybody write @auth(public: true), to keep it out of the API @hidden.',
      ],
    },
    {
      auth: '@auth(rules: [])',
      mistakes: [
        '1:45: @auth(rules:) lists no rule, so that nobody could read: for everybody write @auth(public: true), to keep it out of the API @hidden.',
      ],
    },
    {
      auth: '@auth(public: true, rules: [{}])',
      mistakes: ['1:46: Doc is for everybody, or for those whom rules let in: write one of both.'],
    },
    {
      auth: '@auth(rules: [{ role: "admin" }])',
      mistakes: ['1:48: @auth(rules:) has no member "role". Did you mean "roles"?'],
    },
    {
      auth: '@auth(rules: [{ operations: [READ] }])',
      mistakes: ['1:60: @auth(rules:) operations: takes QUERY, LIVE, CHANGES, not READ.'],
    },
    {
      auth: '@auth(rules: [{ roles: [] }, { operations: [] }])',
      mistakes: [
        '1:45: @auth(rules:) roles: the list is empty, so that nobody has one. Name roles, or leave it out.',
        '1:45: @auth(rules:) operations: the list is empty, so that nothing is allowed. Leave it out for all.',
      ],
    },
    {
      auth: '@auth(rules: [{ where: { owner: { eq: "$jwt.sub" } } }])',
      mistakes: ['1:57: @auth(rules:) where: Doc has no column "owner" to filter by. Did you mean "ownerId"?'],
    },
    {
      auth: '@auth(rules: [{ where: { ownerId: { eq: "$jtw.sub" } } }])',
      mistakes: [
        '1:68: @auth(rules:) where: A claim of the caller is written "$jwt.sub" or "$jwt.org.tenant", not "$jtw.sub".',
      ],
    },
    {
      auth: '@auth(rules: [{ where: { ownerId: { isNull: "$jwt.sub" } } }])',
      mistakes: ['1:68: @auth(rules:) where: "isNull" takes true or false, not a claim.'],
    },
    {
      auth: '@auth(rules: [{ where: { price: { eq: "much" } } }])',
      mistakes: [expect.stringContaining('1:66: @auth(rules:) where: ')],
    },
    {
      auth: '@auth(roles: ["admin"])',
      mistakes: [
        expect.stringContaining(
          '@auth has no argument "roles". It stands in a rule: write @auth(rules: [{ roles: … }]).',
        ),
      ],
    },
    {
      auth: '@auth(rules: [{ where: { ownerId: { eq: "t-$jwt.sub" } } }])',
      mistakes: [
        '1:68: @auth(rules:) where: A claim is a text of its own, such as "$jwt.sub": it cannot be a part of another.',
      ],
    },
    {
      auth: '@hidden @auth(public: true)',
      mistakes: ['1:40: Doc is @hidden: nobody reads it through the API. Remove @auth, or @hidden.'],
    },
  ])('$auth', ({ auth, mistakes }) => {
    expect(mistakesIn(withRules(auth))).toEqual(mistakes);
  });

  test('on fields', () => {
    expect(
      mistakesIn([
        'type T @table(topic: "t") {',
        '  id: ID! @auth(rules: [{ roles: ["a"] }])',
        '  a: Int @auth(public: true)',
        '  b: Int @hidden @auth(rules: [{}])',
        '  c: Int @auth(rules: [{ where: { d: { eq: 1 } } }])',
        '  e: Int! @auth(rules: [{ roles: ["a"] }])',
        '}',
        'type U @table(topic: "u") { id: ID! o: O }',
        'type O { x: Int @auth(rules: [{}]) }',
      ]),
    ).toEqual([
      '2:11: "id" is in the key of T, which every row shows. Remove @auth; rules on T say who may read its rows.',
      '3:24: "a" is read by whoever may read its row, without being declared so. Remove @auth, or give it rules.',
      '4:18: "b" is @hidden: nobody reads it through the API. Remove @auth, or @hidden.',
      '5:35: @auth(rules:) where: T has no column "d" to filter by. Did you mean "a" or "b" or "c"?',
      expect.stringContaining('9:17: '),
    ]);
  });
});

test.each([
  ['{ where: {} }', 'An empty "where" grants every row of Doc.'],
  ['{ where: { price: { eq: 1 } } }', '"price" has no index'],
  ['{ where: { price: { eq: "$jwt.p" }, ownerId: { eq: "$jwt.sub" } } }', undefined],
  ['{ where: { id: { in: "$jwt.docs" } } }', undefined],
  ['{ where: { grants: { some: { userId: { eq: "$jwt.sub" } } } } }', undefined],
  ['{ roles: ["admin"] }', undefined],
])('check warns of what a rule may not mean, or what it costs: %s', (rule, warning) => {
  const text = withRules(`@auth(rules: [${rule}])`).join('\n');
  const warnings = checkSchema([{ file: 's.graphql', text }]).warnings.map(({ message }) => message);
  expect(warnings).toEqual(warning === undefined ? [] : [expect.stringContaining(warning)]);
});

test('where callers are identified, every type that is shown says who may read it', () => {
  const text = [
    'type A @table(topic: "a") { id: ID! }',
    'type B @table(topic: "b") @auth(public: true) { id: ID! }',
    'type C @table(topic: "c") @hidden { id: ID! }',
    'type D @view(source: "B") { id: ID! }',
  ].join('\n');
  const { mistakes } = checkSchema([{ file: 's.graphql', text }], { rulesRequired: true });
  expect(mistakes.map(({ line, message }) => `${line}: ${message.slice(0, 45)}`)).toEqual([
    '1: A does not say who may read it, which it must',
    '4: D does not say who may read it, which it must',
  ]);
  expect(checkSchema([{ file: 's.graphql', text }]).mistakes).toEqual([]);
});

describe('what a derived table lets read that its source guards', () => {
  const source = [
    'type Order @table(topic: "o") @auth(rules: [{ roles: ["support"] }, { where: { userId: { eq: "$jwt.sub" } } }]) {',
    '  id: ID! userId: ID! @index total: Decimal! note: String @auth(rules: [{ roles: ["support"] }])',
    '  customer: Customer @relation(fields: ["userId"]) }',
    'type Customer @table(topic: "c") @auth(public: true) { id: ID! email: String @auth(rules: [{ roles: ["support"] }]) }',
  ];
  const own = '@auth(rules: [{ where: { userId: { eq: "$jwt.sub" } } }])';
  test.each([
    { view: '@view(source: "Order") @auth(public: true) { id: ID! }', warnings: ['5:1: V is made of Order'] },
    { view: '@view(source: "Order") { id: ID! }', warnings: ['5:1: V is made of Order'] },
    { view: '@view(source: "Order") @auth(rules: [{ roles: ["support"] }]) { id: ID! }', warnings: [] },
    {
      view: '@view(source: "Order") @auth(rules: [{ roles: ["sales"] }]) { id: ID! }',
      warnings: ['5:1: V is made of Order'],
    },
    { view: `@view(source: "Order") ${own} { id: ID! userId: ID! @index }`, warnings: [] },
    {
      view: `@view(source: "Order") ${own} { id: ID! userId: ID! @index note: String }`,
      warnings: ['5:1: "note" shows "note"'],
    },
    {
      view: `@view(source: "Order") ${own} { id: ID! userId: ID! @index note: String @auth(rules: [{ roles: ["support"] }]) }`,
      warnings: [],
    },
    {
      view: `@view(source: "Order") ${own} { id: ID! userId: ID! @index email: String @from(path: "customer.email") }`,
      warnings: ['5:1: "email" shows "customer.email"'],
    },
    {
      view: '@aggregation(source: "Order") @auth(public: true) { userId: ID! total: Decimal @aggregate(fn: SUM, arg: "total") }',
      warnings: ['5:1: V is made of Order'],
    },
    { view: '@view(source: "Order") @hidden { id: ID! }', warnings: [] },
  ])('$view', ({ view, warnings }) => {
    const report = checkSchema([{ file: 's.graphql', text: [...source, `type V ${view}`].join('\n') }]);
    expect(report.mistakes).toEqual([]);
    const told = report.warnings.map(({ line, message }) => `${line}:1: ${message}`);
    expect(told).toEqual(warnings.map((warning) => expect.stringContaining(warning)));
  });

  test('a hidden table between them is looked through', () => {
    const text = [
      ...source,
      'type H @view(source: "Order") @hidden { id: ID! }',
      'type V @view(source: "H") @auth(public: true) { id: ID! }',
    ];
    const { warnings } = checkSchema([{ file: 's.graphql', text: text.join('\n') }]);
    expect(warnings.map(({ message }) => message.slice(0, 18))).toEqual(['V is made of Order']);
  });
});

test('a computed column shows what it is made from', () => {
  const text = (rules: string) =>
    `type Job @table(topic: "j") { id: ID! salary: Int @auth(rules: [{ roles: ["hr"] }]) monthly: Int @computed(expr: "toInt(salary / 12)") ${rules} }`;
  const warnings = (rules: string) =>
    checkSchema([{ file: 's.graphql', text: text(rules) }]).warnings.map(({ message }) => message);
  expect(warnings('')).toEqual([expect.stringContaining('"monthly" shows "salary", whose rules guard it')]);
  expect(warnings('@auth(rules: [{ roles: ["hr"] }])')).toEqual([]);
});
