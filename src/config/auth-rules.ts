import type { ASTNode } from 'graphql';
import type { Applied } from './arguments.ts';
import type { DeclaredSchema, DeclaredTable } from './declared.ts';
import type { Report } from './report.ts';

/** What `@auth` must be by itself; its filters are compiled in `catalog/auth.ts`. */
export function checkAuth(schema: DeclaredSchema, report: Report): void {
  for (const table of schema.tables) {
    checkTypeRules(table, report);
    for (const { name, auth, hidden } of table.columns) {
      if (auth === undefined) continue;
      checkFieldRules(name, auth, report);
      if (table.key?.some((column) => column.name === name) === true) {
        report.add(
          auth.node,
          `"${name}" is in the key of ${table.name.value}, which every row shows. Remove @auth; rules on ${table.name.value} say who may read its rows.`,
        );
      } else if (hidden !== undefined) {
        report.add(auth.node, `"${name}" is @hidden: nobody reads it through the API. Remove @auth, or @hidden.`);
      }
    }
    for (const { name, auth } of table.relations) if (auth !== undefined) checkFieldRules(name, auth, report);
  }
}

/** For gateways that can tell who asks: silence must not publish a topic. */
export function checkAuthGiven(schema: DeclaredSchema, report: Report): void {
  for (const { name, auth, hidden, node } of schema.tables) {
    // An @auth with a mistake was reported; it was meant.
    const written = (node.directives ?? []).some((directive) => directive.name.value === 'auth');
    if (auth !== undefined || written || hidden) continue;
    report.add(
      name,
      `${name.value} does not say who may read it, which it must where callers are identified. Write ` +
        '@auth(rules: [{ where: { … } }]) or @auth(rules: [{ roles: ["…"] }]) on it, @auth(public: true) for everybody, or @hidden.',
    );
  }
}

function checkTypeRules({ name, auth, hidden }: DeclaredTable, report: Report): void {
  if (auth === undefined) return;
  const { rules, public: open } = auth.args;
  if (hidden) {
    report.add(auth.node, `${name.value} is @hidden: nobody reads it through the API. Remove @auth, or @hidden.`);
  } else if (open && rules !== undefined) {
    report.add(auth.at('public'), `${name.value} is for everybody, or for those whom rules let in: write one of both.`);
  } else if (!open)
    checkRules(auth, 'for everybody write @auth(public: true), to keep it out of the API @hidden', report);
}

function checkFieldRules(name: string, auth: Applied<'auth'>, report: Report): void {
  if (auth.args.public) {
    report.add(
      auth.at('public'),
      `"${name}" is read by whoever may read its row, without being declared so. Remove @auth, or give it rules.`,
    );
    return;
  }
  checkRules(auth, 'to keep the field out of the API write @hidden', report);
}

function checkRules(auth: Applied<'auth'>, instead: string, report: Report): void {
  const { rules } = auth.args;
  if (rules === undefined) {
    report.add(auth.node, `@auth says by whom: write @auth(rules: [{ roles: ["…"] }]), or with "where"; ${instead}.`);
    return;
  }
  const at: ASTNode = auth.at('rules');
  if (rules.length === 0) report.add(at, `@auth(rules:) lists no rule, so that nobody could read: ${instead}.`);
  for (const { roles, operations } of rules) {
    if (roles?.some((role) => role.trim() === '') === true) report.add(at, '@auth(rules:) roles: a role has a name.');
    if (roles?.length === 0) {
      report.add(at, '@auth(rules:) roles: the list is empty, so that nobody has one. Name roles, or leave it out.');
    }
    if (operations?.length === 0) {
      report.add(at, '@auth(rules:) operations: the list is empty, so that nothing is allowed. Leave it out for all.');
    }
  }
}
