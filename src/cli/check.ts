import { buildCatalog, checkSchema } from '../catalog/build.ts';
import { printMistake } from '../common/errors.ts';
import { isIdentityConfigured } from '../config/identity-settings.ts';
import { loadSchemaFiles } from '../config/load.ts';
import { isInternal } from '../query/visible.ts';
import type { Command } from './command.ts';

export const check: Command = {
  usage: '[--schema GLOB]',
  help: `Prints every mistake of a schema with its file, line and column, and what to write instead. Exit code 1 if any; warnings are
printed, too, and do not count. Reads the configuration as serve does: where it says how callers are identified, every table must say
who may read it.`,
  positionals: [],
  options: ['schema'],
  flags: {},
  async run({ options, cwd, out, err }) {
    const files = await loadSchemaFiles(options.schema, cwd);
    const schemaOptions = { rulesRequired: isIdentityConfigured(options.identity) };
    const { mistakes, warnings } = checkSchema(files, schemaOptions);
    out(warnings.map((warning) => `warning: ${printMistake(warning)}\n`).join(''));
    if (mistakes.length > 0) {
      out(mistakes.map((mistake) => `${printMistake(mistake)}\n`).join(''));
      err(`${mistakes.length === 1 ? 'One mistake' : `${mistakes.length} mistakes`}.\n`);
      return 1;
    }
    const tables = buildCatalog(files, schemaOptions).tables.flatMap((table) => (isInternal(table) ? [] : table.name));
    out(`No mistakes: ${tables.length === 1 ? 'one table' : `${tables.length} tables`}, ${tables.join(', ')}.\n`);
    return 0;
  },
};
