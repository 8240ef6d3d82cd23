import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { printSchema } from 'graphql';
import { buildCatalog } from '../catalog/build.ts';
import { didYouMean } from '../common/did-you-mean.ts';
import { SetupError } from '../common/errors.ts';
import { createWork } from '../common/work.ts';
import { loadSchemaFiles } from '../config/load.ts';
import { createQueryEngine } from '../query/engine.ts';
import { apolloText, graphcacheText, relayText } from './codegen-caches.ts';
import { findGenerator, generatorMissing } from './codegen-documents.ts';
import type { Command } from './command.ts';

const defaultFolder = 'src/gql';
const defaultDocuments = 'src/**/*.{ts,tsx,js,jsx,graphql,gql,vue,svelte}';

/** The libraries that need something of the API, and by which package it is seen that a project uses them. */
const libraries = { apollo: '@apollo/client', urql: '@urql/exchange-graphcache', relay: 'relay-runtime' } as const;
type Library = keyof typeof libraries;

export const codegen: Command = {
  usage: '[--schema GLOB] [--out DIR] [--documents GLOB] [--for NAMES] [--persisted-documents]',
  help: `Writes what a frontend needs of the API into a folder. Needs no running gateway.

  schema.graphql       the API as SDL, for editors and generators
  graphql.ts, gql.ts   typed documents, by @graphql-codegen's client-preset where the project has it installed
  apollo.ts            possibleTypes and typePolicies for Apollo's InMemoryCache
  graphcache.ts        schema, keys, and updates for urql's Graphcache
  relay.config.json    for relay-compiler: npx relay-compiler src/gql/relay.config.json

With --persisted-documents also persisted-documents.json, the list that the setting trustedDocuments takes.`,
  positionals: [],
  options: ['schema'],
  flags: {
    out: { placeholder: 'DIR', help: `Folder to write into. Default: ${defaultFolder}.` },
    documents: { placeholder: 'GLOB', help: `Files with the project's operations. Default: ${defaultDocuments}.` },
    for: {
      placeholder: 'NAMES',
      help: `Of ${Object.keys(libraries).join(', ')}, with commas. Default: those that are installed.`,
    },
    'persisted-documents': { placeholder: '', help: 'Documents are sent by their hashes; writes the list of them.' },
  },
  async run({ options, flags, cwd, out, err }) {
    const chosen = librariesOf(textOf(flags.get('for')), cwd);
    const catalog = buildCatalog(await loadSchemaFiles(options.schema, cwd));
    const { schema } = createQueryEngine({ catalog, work: createWork(), limits: options.limits });
    const folder = resolve(cwd, textOf(flags.get('out')) ?? defaultFolder);
    const sdl = `${printSchema(schema)}\n`;
    const files: Record<string, string> = { 'schema.graphql': sdl };
    if (chosen.includes('apollo')) files['apollo.ts'] = apolloText(schema);
    if (chosen.includes('urql')) files['graphcache.ts'] = graphcacheText(schema);
    if (chosen.includes('relay')) {
      files['relay.config.json'] = relayText(slashed(relative(cwd, join(folder, 'schema.graphql'))));
    }
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await writeChanged(join(folder, name), text);
      out(`${join(relative(cwd, folder), name)}\n`);
    }
    // Relay's compiler makes the types of its documents.
    if (chosen.length === 1 && chosen[0] === 'relay') return 0;
    const generate = await findGenerator(cwd);
    if (generate === undefined) {
      err(generatorMissing);
      return 0;
    }
    const written = await generate({
      schema: sdl,
      documents: textOf(flags.get('documents')) ?? defaultDocuments,
      folder,
      persisted: flags.has('persisted-documents'),
    });
    out(written.map((file) => `${relative(cwd, file)}\n`).join(''));
    return 0;
  },
};

function textOf(flag: string | true | undefined): string | undefined {
  return typeof flag === 'string' ? flag : undefined;
}

/** Throws SetupError for a name that is none. */
function librariesOf(names: string | undefined, cwd: string): readonly Library[] {
  const known = Object.keys(libraries) as Library[];
  if (names === undefined) return known.filter((name) => isInstalled(libraries[name], cwd));
  return names.split(',').map((name) => {
    const found = known.find((each) => each === name.trim());
    if (found !== undefined) return found;
    const message = `--for does not know "${name.trim()}".${didYouMean(name.trim(), known)} It takes ${known.join(', ')}.`;
    throw new SetupError([{ message }]);
  });
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}

/** In the project or above it, as Node looks for packages. */
function isInstalled(name: string, cwd: string): boolean {
  const paths = createRequire(join(cwd, 'package.json')).resolve.paths(name) ?? [];
  return paths.some((path) => existsSync(join(path, name)));
}

/** Leaves a file alone that has this text: what watches it need not wake. */
async function writeChanged(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== text) await writeFile(file, text);
}
