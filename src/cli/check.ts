import { buildCatalog, checkSchema } from '../catalog/build.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { printMistake, SetupError } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import { createWork } from '../common/work.ts';
import { isIdentityConfigured } from '../config/identity-settings.ts';
import { loadSchemaFiles } from '../config/load.ts';
import { optionNames } from '../config/option-table.ts';
import type { Options } from '../config/options.ts';
import { createQueryEngine } from '../query/engine.ts';
import { isInternal } from '../query/visible.ts';
import { limitRules } from '../server/limits.ts';
import { loadTrustedDocuments } from '../server/trusted-documents.ts';
import type { Command } from './command.ts';

/** What decides whether a schema is right besides the schema. */
const isAboutWhatIsRead = /^(schema|jwt\..*|apiKeysFile|trustedDocuments)$/;

export const check: Command = {
  usage: '[--schema GLOB]',
  help: `Prints every mistake of a schema with its file, line and column, and what to write instead. Exit code 1 if any; warnings are
printed, too, and do not count. Reads the configuration as serve does: where it says how callers are identified, every table must say
who may read it; and trusted documents must fit the schema.`,
  positionals: [],
  options: optionNames.filter((name) => isAboutWhatIsRead.test(name)),
  flags: {},
  async run({ options, cwd, out, err }) {
    const files = await loadSchemaFiles(options.schema, cwd);
    const schemaOptions = { rulesRequired: isIdentityConfigured(options.identity) };
    const { mistakes, warnings } = checkSchema(files, schemaOptions);
    out(warnings.map((warning) => `warning: ${printMistake(warning)}\n`).join(''));
    const catalog = mistakes.length > 0 ? undefined : buildCatalog(files, schemaOptions);
    const all = catalog === undefined ? mistakes : documentMistakes(catalog, options);
    if (catalog === undefined || all.length > 0) {
      out(all.map((mistake) => `${printMistake(mistake)}\n`).join(''));
      err(`${all.length === 1 ? 'One mistake' : `${all.length} mistakes`}.\n`);
      return 1;
    }
    const tables = catalog.tables.flatMap((table) => (isInternal(table) ? [] : table.name));
    out(`No mistakes: ${tables.length === 1 ? 'one table' : `${tables.length} tables`}, ${tables.join(', ')}.\n`);
    return 0;
  },
};

/** Of the trusted documents, where there is a list: those that this schema does not answer. */
function documentMistakes(catalog: Catalog, { trustedDocuments, limits }: Options): readonly Mistake[] {
  if (trustedDocuments === undefined) return [];
  const engine = createQueryEngine({ catalog, work: createWork(), limits, validationRules: limitRules(limits) });
  try {
    loadTrustedDocuments(trustedDocuments, engine);
    return [];
  } catch (error) {
    if (error instanceof SetupError) return error.mistakes;
    throw error;
  }
}
