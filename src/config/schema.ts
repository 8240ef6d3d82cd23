import { checkAuth, checkAuthGiven } from './auth-rules.ts';
import { declareSchema } from './declare.ts';
import type { DeclaredSchema } from './declared.ts';
import { collectTypes, parseFiles } from './definitions.ts';
import type { SchemaFile } from './definitions.ts';
import { checkRelations } from './relation-rules.ts';
import type { Report } from './report.ts';
import { tableRules } from './rules.ts';

export interface SchemaOptions {
  /** Callers are identified: every type that the API shows must say who may read it. Default false. */
  readonly rulesRequired?: boolean | undefined;
}

/**
 * Reads a schema and reports every mistake of it but those that need the catalog: names that the API gives twice, and
 * filters. Undefined where a file is no GraphQL: what the other files mean is unknown then.
 */
export function readSchema(
  files: readonly SchemaFile[],
  report: Report,
  { rulesRequired = false }: SchemaOptions,
): DeclaredSchema | undefined {
  const definitions = parseFiles(files, report);
  if (definitions === undefined) return undefined;
  const types = collectTypes(definitions, report);
  const schema = declareSchema(types, report);
  for (const rule of [...tableRules, checkRelations, checkAuth]) rule(schema, report);
  if (rulesRequired) checkAuthGiven(schema, report);
  if (types.size === 0 && report.mistakes().length === 0) {
    const where =
      files.length === 0
        ? 'no schema file was given'
        : `nothing is declared in ${files.map(({ file }) => file).join(', ')}`;
    report.addMistake({
      file: files[0]?.file,
      message: `The schema is empty: ${where}. Declare a table: type Song @table(topic: "songs") { id: ID! }`,
    });
  }
  return schema;
}
