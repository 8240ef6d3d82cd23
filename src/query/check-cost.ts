import { getIntrospectionQuery, Kind, parse } from 'graphql';
import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Catalog } from '../catalog/catalog.ts';
import { GatewayError, must } from '../common/errors.ts';
import { toGraphQLError } from './client-errors.ts';
import { measureCost } from './cost.ts';
import type { Cost, CostOptions, LargeList } from './cost.ts';
import { listSizes } from './list-sizes.ts';
import type { QueryLimits } from './query.ts';

/** What is wrong with the cost of a planned operation, if anything is. */
export type CheckCost = (operation: Omit<CostOptions, 'schema' | 'listSizes'>) => GraphQLError | undefined;

/** Holds operations to `maxCost`. Called once per engine; the check is called for every request. */
export function createCostCheck(catalog: Catalog, schema: GraphQLSchema, { maxCost }: QueryLimits): CheckCost {
  const fixed = { schema, listSizes: listSizes(catalog, schema) };
  // What tools ask for grows with the schema, and must go whatever the limit is.
  const maxIntrospected = Math.max(maxCost, 2 * standardIntrospection(fixed));
  /** By operation: what it costs with one row in each of its lists and no part skipped. */
  const costsOfOneRow = new WeakMap<OperationDefinitionNode, Cost>();

  /** Lists inside each other multiply: so it costs no more than this, which most operations are well within. */
  function isPlainlyCheap({ document, operation, plans }: Parameters<CheckCost>[0]): boolean {
    let cost = costsOfOneRow.get(operation);
    if (cost === undefined) {
      cost = measureCost({ ...fixed, document, operation, plans: new Map() });
      costsOfOneRow.set(operation, cost);
    }
    let { fields } = cost;
    for (const { rows = 1 } of plans.values()) fields *= Math.max(1, rows);
    return fields <= maxCost && cost.introspected <= maxIntrospected;
  }

  return (planned) => {
    if (isPlainlyCheap(planned)) return undefined;
    const cost = measureCost({ ...fixed, ...planned });
    if (cost.fields > maxCost) return tooCostly(cost, maxCost, planned.operation);
    if (cost.introspected > maxIntrospected) return tooCurious(cost, maxIntrospected, planned.operation);
    return undefined;
  };
}

function standardIntrospection(options: Pick<CostOptions, 'schema' | 'listSizes'>): number {
  const document: DocumentNode = parse(
    getIntrospectionQuery({
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    }),
  );
  const operation = must(
    document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION),
    'the query of introspection is an operation',
  );
  return measureCost({ ...options, document, operation, plans: new Map() }).introspected;
}

function tooCostly({ fields, largest }: Cost, limit: number, operation: OperationDefinitionNode): GraphQLError {
  const message = `The operation asks for up to ${shown(fields)} fields, those of a list for each of its rows; at most ${limit} are allowed (setting maxCost).`;
  const details = { setting: 'maxCost', limit, cost: fields };
  return toGraphQLError(
    new GatewayError('LIMIT_EXCEEDED', `${message} ${whatToDo(largest)}`, details),
    largest?.node ?? operation,
  );
}

function whatToDo(largest: LargeList | undefined): string {
  if (largest === undefined) return 'Select fewer.';
  const { path, rows, fields, field } = largest;
  const names = field.args.map(({ name }) => name).filter((name) => ['limit', 'first', 'last'].includes(name));
  const fewer = names.length === 0 ? '' : `ask for fewer rows with ${names.join(' or ')}, or `;
  return `Most of them, ${shown(fields)}, are in ${path}, which may have ${rows} rows each time: ${fewer}select less of it.`;
}

function tooCurious({ introspected }: Cost, limit: number, operation: OperationDefinitionNode): GraphQLError {
  const message = `The operation asks for some ${shown(introspected)} fields of the schema; at most ${limit} are allowed (setting maxCost, or twice what the usual introspection asks for). Ask for each part once.`;
  const details = { setting: 'maxCost', limit, cost: Math.ceil(introspected) };
  return toGraphQLError(new GatewayError('LIMIT_EXCEEDED', message, details), operation);
}

/** Lists in lists make numbers that nobody wants to read. */
function shown(count: number): string {
  return count >= 1e15 ? '1,000,000,000,000,000' : Math.ceil(count).toLocaleString('en');
}
