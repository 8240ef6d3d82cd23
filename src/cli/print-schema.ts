import { printSchema } from 'graphql';
import { buildCatalog } from '../catalog/build.ts';
import { createWork } from '../common/work.ts';
import { loadSchemaFiles } from '../config/load.ts';
import { createQueryEngine } from '../query/engine.ts';
import type { Command } from './command.ts';

export const printSchemaCommand: Command = {
  usage: '[--schema GLOB]',
  help: 'Prints the generated API as SDL, for codegen and editors. Needs no broker and no running gateway.',
  positionals: [],
  options: ['schema'],
  flags: {},
  async run({ options, cwd, out }) {
    const catalog = buildCatalog(await loadSchemaFiles(options.schema, cwd));
    const { schema } = createQueryEngine({ catalog, work: createWork(), limits: options.limits });
    out(`${printSchema(schema)}\n`);
    return 0;
  },
};
