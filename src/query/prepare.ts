import type { GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Catalog, Table } from '../catalog/catalog.ts';
import { GatewayError, must } from '../common/errors.ts';
import type { Caller } from '../model/caller.ts';
import type { ReadOperation } from '../model/rule.ts';
import { readAtLeast } from './at-least.ts';
import type { CheckCost } from './check-cost.ts';
import { toClientError, withCode } from './client-errors.ts';
import type { Documents, ValidDocument } from './documents.ts';
import type { FieldPlan, PlanField } from './execution.ts';
import { decidingTables } from './granted-access.ts';
import { grantHash, grantIds } from './grants.ts';
import type { Grants } from './grants.ts';
import { coerceVariables } from './graphql-values.ts';
import { planOperation } from './plan-operation.ts';
import type { OperationPlan } from './plan-operation.ts';
import type { PreparedOperation } from './prepared.ts';
import type { OperationRequest, Prepared, QueryLimits } from './query.ts';
import { shapeId } from './shape.ts';
import type { Templates } from './templates.ts';
import { visibleTables } from './visible.ts';
import type { WriterOf } from './writers.ts';

export interface PrepareOptions {
  readonly catalog: Catalog;
  readonly schema: GraphQLSchema;
  readonly planners: ReadonlyMap<string, PlanField>;
  /** The fields of Subscription that are change streams. */
  readonly changes: ReadonlySet<string>;
  readonly grantsOf: (caller: Caller, operation: ReadOperation) => Grants;
  readonly documents: Documents;
  readonly templates: Templates;
  readonly writers: WriterOf;
  readonly limits: QueryLimits;
  readonly checkCost: CheckCost;
  /** False: mistakes are not answered with the names they might have been. */
  readonly introspection: boolean;
  readonly onError: (error: unknown) => void;
}

/** From a request to an operation that can run, or to everything that is wrong with it. Never throws. */
export function prepareOperation(
  options: PrepareOptions,
  request: OperationRequest,
  caller: Caller,
): PreparedOperation | readonly GraphQLError[] {
  try {
    return prepareRequest(options, request, caller);
  } catch (error) {
    return [toClientError(error, {}, options.onError)];
  }
}

function prepareRequest(
  options: PrepareOptions,
  request: OperationRequest,
  caller: Caller,
): PreparedOperation | readonly GraphQLError[] {
  const { catalog, schema, documents, grantsOf } = options;
  const inputs = readRequest(request);
  const valid = documents.get(request.query);
  if (!('operations' in valid)) return valid;
  const { document } = valid;
  const operation = pickOperation(valid, request.operationName);
  const grants = grantsOf(caller, operation.operation === 'subscription' ? 'LIVE' : 'QUERY');
  const again = options.templates.prepare(operation, grants, inputs, request.extensions);
  if (again !== undefined) return again;
  const variables = coerceVariables(schema, operation, inputs, !options.introspection);
  if (!('coerced' in variables)) return variables.map((error) => withCode(error, 'BAD_USER_INPUT'));
  const planning = { ...options, grantsOf: (kind: ReadOperation) => grantsOf(caller, kind) };
  const { plans, paths, tables, errors, ...plan } = planOperation(planning, document, operation, variables);
  if (errors.length > 0) return errors;
  const tooCostly = options.checkCost({ document, operation, variables, plans });
  if (tooCostly !== undefined) return [tooCostly];

  const read = catalog.tables.filter((table) => tables.has(table));
  // `_meta` speaks of all tables where the operation names none: of those that the caller may read.
  const readable =
    read.length > 0 ? [] : visibleTables(catalog).map((table) => [table, plan.grants.find(table)] as const);
  const named = read.length > 0 ? read : readable.flatMap(([table, grant]) => (grant === undefined ? [] : [table]));
  /** Of every table that the operation was planned with: where one of them differs, so may the answer. */
  const granted = new Map([...plan.granted, ...readable]);
  const changes = paths.find(({ plan }) => plan.changes !== undefined);
  const kind = kinds[plan.kind];
  const shape = valid.shape(operation);
  const shapeIdOf = (coerced: Prepared['variables']): string =>
    shapeId(catalog.fingerprint, kind === 'changes' ? 'changes' : 'read', shape, {
      variables: coerced,
      grants: grantIds(granted),
      operator: plan.operator,
    });
  const { write, skips } = options.writers(document, operation, variables);
  const prepared: PreparedOperation = {
    kind,
    document,
    operation,
    variables: variables.coerced,
    tables: named,
    atLeast: readAtLeast(operation, variables, request.extensions, named),
    grants: restricted(granted),
    shapeIdOf,
    get shapeId() {
      return shapeIdOf(variables.coerced);
    },
    changes: changes === undefined ? undefined : changeArguments(changes, read),
    executable: shape.executable,
    granted: plan.grants,
    plans,
    paths,
    read,
    inputs,
    deciding: read.flatMap((table) => {
      const grant = granted.get(table);
      return grant === undefined ? [] : decidingTables(catalog, grant);
    }),
    write: kind === 'changes' ? undefined : write,
    skips,
    seen: { storeId: '', version: -1, position: '' },
  };
  options.templates.learn(prepared, { tables: new Set(granted.keys()), operator: plan.operator !== undefined });
  return prepared;
}

const kinds = { QUERY: 'query', LIVE: 'live', CHANGES: 'changes' } as const;

function restricted(granted: OperationPlan['granted']): Prepared['grants'] {
  const hashes = [...granted].flatMap(([{ name }, grant]): readonly (readonly [string, string])[] =>
    grant === undefined || grant.id === '' ? [] : [[name, grantHash(grant)]],
  );
  return hashes.length === 0 ? undefined : new Map(hashes);
}

/** The variables of a request. Its members come from outside, whatever their types say. */
function readRequest({ query, variables, operationName }: OperationRequest): Readonly<Record<string, unknown>> {
  if (typeof query !== 'string' || !/\S/.test(query)) {
    throw new GatewayError('GRAPHQL_PARSE_FAILED', 'The request has no document: send it as the string "query".');
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw new GatewayError('BAD_USER_INPUT', 'operationName: expected a string, the name of an operation.');
  }
  if (variables === undefined || variables === null) return {};
  if (typeof variables === 'object' && !Array.isArray(variables)) {
    if (isNestedDeeper(variables, maxNesting)) {
      throw new GatewayError('BAD_USER_INPUT', `variables: values may be nested at most ${maxNesting} deep.`);
    }
    return variables;
  }
  throw new GatewayError('BAD_USER_INPUT', 'variables: expected an object with the variables by name.');
}

/** More than any filter may be (a list and an object for each level of it); graphql's coercion has no bound but the stack. */
const maxNesting = 200;

function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isNestedDeeper(member, levels - 1));
}

function pickOperation({ operations }: ValidDocument, name: string | null | undefined): OperationDefinitionNode {
  const [first] = operations;
  if (first === undefined) {
    throw new GatewayError('GRAPHQL_VALIDATION_FAILED', 'The document has no operation, only fragments.');
  }
  if (name === undefined || name === null || name === '') {
    if (operations.length === 1) return first;
    throw new GatewayError(
      'BAD_USER_INPUT',
      `The document has several operations: say which with operationName. ${names()}`,
    );
  }
  const found = operations.find((operation) => operation.name?.value === name);
  if (found !== undefined) return found;
  throw new GatewayError('BAD_USER_INPUT', `The document has no operation "${name}". ${names()}`);

  function names(): string {
    const known = operations.flatMap((operation) => operation.name?.value ?? []);
    return known.length === 0 ? 'Its operation has no name.' : `It has ${known.join(', ')}.`;
  }
}

function changeArguments(
  { path, plan }: { readonly path: string; readonly plan: FieldPlan },
  read: readonly Table[],
): Prepared['changes'] {
  const changes = must(plan.changes, 'a change stream has its arguments');
  return { ...changes, related: read.filter((table) => table !== changes.table), responseName: path };
}
