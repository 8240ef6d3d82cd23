import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import type { DirectiveDefinitionNode, InputValueDefinitionNode } from 'graphql';
import type {
  AggregateDirectiveArgs,
  AggregationDirectiveArgs,
  AuthDirectiveArgs,
  ChangesDirectiveArgs,
  ComputedDirectiveArgs,
  DefaultDirectiveArgs,
  ExposeDirectiveArgs,
  FromDirectiveArgs,
  HiddenDirectiveArgs,
  IndexDirectiveArgs,
  KeyDirectiveArgs,
  LimitDirectiveArgs,
  RelationDirectiveArgs,
  SinkDirectiveArgs,
  TableDirectiveArgs,
  ViewDirectiveArgs,
} from './directives.generated.ts';

/** What `config/arguments.ts` reads each directive to. `npm run codegen` keeps it equal to the language. */
export interface DirectiveArguments {
  table: TableDirectiveArgs;
  view: ViewDirectiveArgs;
  aggregation: AggregationDirectiveArgs;
  aggregate: AggregateDirectiveArgs;
  computed: ComputedDirectiveArgs;
  sink: SinkDirectiveArgs;
  key: KeyDirectiveArgs;
  index: IndexDirectiveArgs;
  relation: RelationDirectiveArgs;
  from: FromDirectiveArgs;
  default: DefaultDirectiveArgs;
  hidden: HiddenDirectiveArgs;
  limit: LimitDirectiveArgs;
  expose: ExposeDirectiveArgs;
  auth: AuthDirectiveArgs;
  changes: ChangesDirectiveArgs;
  deprecated: { reason: string };
}

/** The configuration language, from the file that documents it. */
export interface Language {
  readonly directives: ReadonlyMap<string, DirectiveDefinitionNode>;
  /** Values by name. */
  readonly enums: ReadonlyMap<string, readonly string[]>;
  /** Members by name. */
  readonly inputs: ReadonlyMap<string, readonly InputValueDefinitionNode[]>;
}

/** In the design, not in this version: using one is an error that says so. */
export const plannedArguments: ReadonlySet<string> = new Set(['table.valueFormat', 'table.envelope']);

const builtIn = 'directive @deprecated(reason: String! = "No longer supported") on FIELD_DEFINITION | ENUM_VALUE';

function readLanguage(): Language {
  const text = readFileSync(new URL('../../schema/headgate.graphql', import.meta.url), 'utf8');
  const directives = new Map<string, DirectiveDefinitionNode>();
  const enums = new Map<string, readonly string[]>();
  const inputs = new Map<string, readonly InputValueDefinitionNode[]>();
  for (const definition of [...parse(text).definitions, ...parse(builtIn).definitions]) {
    if (definition.kind === 'DirectiveDefinition') directives.set(definition.name.value, definition);
    if (definition.kind === 'InputObjectTypeDefinition') inputs.set(definition.name.value, definition.fields ?? []);
    if (definition.kind === 'EnumTypeDefinition') {
      enums.set(
        definition.name.value,
        (definition.values ?? []).map((value) => value.name.value),
      );
    }
  }
  return { directives, enums, inputs };
}

export const language: Language = readLanguage();
