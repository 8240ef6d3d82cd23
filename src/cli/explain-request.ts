import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { Kind, print } from 'graphql';
import type { GraphQLError, VariableDefinitionNode } from 'graphql';
import { SetupError, reasonOf } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import { isRecord } from '../common/is-record.ts';
import { readText } from '../config/read-text.ts';
import type { CommandCall } from './command.ts';

/** What `headgate explain` is asked about. */
export interface ExplainRequest {
  readonly query: string;
  /** Where the operation was read, for messages. */
  readonly file: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

export const explainFlags = {
  file: { placeholder: 'FILE', help: 'Read the operation from this file. Default without OPERATION: the input.' },
  operation: { placeholder: 'NAME', help: 'Which one, where there are several.' },
  variables: { placeholder: 'JSON', help: 'The operation\'s variables: \'{"id":"s1"}\'.' },
} as const;

/** Throws SetupError where there is no operation, or the variables cannot be read. */
export async function readExplainRequest(call: CommandCall): Promise<ExplainRequest> {
  const { flags } = call;
  const operation = flags.get('operation');
  const variables = readVariables(flags.get('variables'));
  const { query, file } = await readOperation(call);
  if (query.trim() === '') throw noOperation;
  return { query, file, operationName: typeof operation === 'string' ? operation : undefined, variables };
}

async function readOperation({ flags, positionals, cwd, input }: CommandCall) {
  const [given] = positionals;
  const file = flags.get('file');
  if (given !== undefined && file !== undefined) {
    throw new SetupError([{ message: 'The operation is an argument, or in the file that --file names: not both.' }]);
  }
  if (given !== undefined) return { query: given, file: 'operation' };
  if (typeof file === 'string') {
    const mistakes: Mistake[] = [];
    const query = readText(resolve(cwd, file), file, mistakes);
    if (query === undefined) throw new SetupError(mistakes);
    return { query, file };
  }
  // Nobody would know what is waited for.
  if ((input as { readonly isTTY?: boolean }).isTTY === true) throw noOperation;
  return { query: await text(input), file: 'input' };
}

const noOperation = new SetupError([
  { message: "There is no operation: write headgate explain 'query …', name a file with --file, or pipe one in." },
]);

function readVariables(given: string | true | undefined): Readonly<Record<string, unknown>> {
  if (typeof given !== 'string') return {};
  const example = `Write it like --variables '{"id":"s1"}'.`;
  let variables: unknown;
  try {
    variables = JSON.parse(given);
  } catch (cause) {
    throw new SetupError([{ message: `--variables is not JSON (${reasonOf(cause)}). ${example}` }]);
  }
  if (isRecord(variables)) return variables;
  throw new SetupError([{ message: `--variables is no object with the variables by name. ${example}` }]);
}

/** What is wrong with it, in terms of the flags; of variables that are missing all at once. */
export function explainMistakes(request: ExplainRequest, errors: readonly GraphQLError[]): readonly Mistake[] {
  const missing: VariableDefinitionNode[] = [];
  const others: Mistake[] = [];
  for (const error of errors) {
    const [node] = error.nodes ?? [];
    const isOfVariable = error.extensions['code'] === 'BAD_USER_INPUT' && node?.kind === Kind.VARIABLE_DEFINITION;
    if (isOfVariable && !Object.hasOwn(request.variables, nameOf(node))) missing.push(node);
    else others.push(mistakeOf(request, error));
  }
  if (missing.length === 0) return others;
  const names = missing.map((node) => `$${nameOf(node)}: ${print(node.type)}`).join(', ');
  const example = missing.map((node) => `"${nameOf(node)}":…`).join(',');
  const message = `The operation has no value for ${names}. Give one: --variables '{${example}}'.`;
  return [...others, { file: request.file, message }];
}

function mistakeOf({ file }: ExplainRequest, { message, locations, extensions }: GraphQLError): Mistake {
  const hint = extensions['code'] === 'UNAUTHENTICATED' ? ` Say whose rules apply: --as '{"sub":"u1"}'.` : '';
  const [place] = locations ?? [];
  const inFlags = message.replace('say which with operationName.', 'say which with --operation.');
  return { message: `${inFlags}${hint}`, file, line: place?.line, column: place?.column };
}

function nameOf(node: VariableDefinitionNode): string {
  return node.variable.name.value;
}
