import type { Expr } from './spec.ts';

export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'column':
      return expr.name;
    case 'path':
      return [...expr.relations, expr.column].join('.');
    case 'number':
      return expr.text;
    case 'binary':
      return `(${printExpr(expr.left)} ${expr.op} ${printExpr(expr.right)})`;
    case 'coalesce':
      return `coalesce(${expr.of.map(printExpr).join(', ')})`;
  }
}
