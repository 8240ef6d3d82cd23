import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { printSchema } from 'graphql';
import { buildCatalog } from '../catalog/build.ts';
import { didYouMean } from '../common/did-you-mean.ts';
import { SetupError, printMistake } from '../common/errors.ts';
import { createWork } from '../common/work.ts';
import { loadSchemaFiles } from '../config/load.ts';
import { createQueryEngine } from '../query/engine.ts';
import { apolloText, graphcacheText, relayText } from './codegen-caches.ts';
import { findGenerator, generatorMissing } from './codegen-documents.ts';
import type { Command, CommandCall } from './command.ts';
import { stopSignal } from './run-gateway.ts';
import { watchDocuments } from './watch-documents.ts';
import { SchemaWatch } from './watch-schema.ts';

const defaultFolder = 'src/gql';
const defaultDocuments = 'src/**/*.{ts,tsx,js,jsx,graphql,gql,vue,svelte}';

/** The libraries that need something of the API, and by which package it is seen that a project uses them. */
const libraries = { apollo: '@apollo/client', urql: '@urql/exchange-graphcache', relay: 'relay-runtime' } as const;
type Library = keyof typeof libraries;

export const codegen: Command = {
  usage: '[--schema GLOB] [--out DIR] [--documents GLOB] [--for NAMES] [--persisted-documents] [--watch]',
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
    watch: { placeholder: '', help: 'Writes again whenever the schema or a document changes.' },
    'persisted-documents': { placeholder: '', help: 'Documents are sent by their hashes; writes the list of them.' },
  },
  async run(call) {
    // A name that is none is told before anything is written, and no change of a file mends it.
    librariesOf(textOf(call.flags.get('for')), call.cwd);
    if (!call.flags.has('watch')) {
      await generateAll(call);
      return 0;
    }
    await watchAll(call);
    return 0;
  },
};

/** Once, and again after every change, until it is told to stop. What is wrong is said, and waited on. */
async function watchAll(call: CommandCall): Promise<void> {
  const { options, flags, cwd, err } = call;
  const stopped = stopSignal();
  let running = Promise.resolve();
  const again = (): void => {
    running = running.then(async () => {
      await schema.look();
      try {
        await generateAll(call);
      } catch (cause) {
        const mistakes = cause instanceof SetupError ? cause.mistakes : [{ message: String(cause) }];
        err(mistakes.map((mistake) => `✗ ${printMistake(mistake)}\n`).join(''));
      }
      err('Waiting for the schema or the documents to change; Ctrl-C ends it.\n');
    });
  };
  const schema = new SchemaWatch({
    patterns: options.schema,
    cwd,
    changed: again,
    unwatchable: (folder) => err(`${folder} cannot be watched.\n`),
  });
  const documents = watchDocuments({
    pattern: textOf(flags.get('documents')) ?? defaultDocuments,
    cwd,
    except: folderOf(call),
    changed: again,
  });
  again();
  await stopped;
  documents.close();
  schema.close();
  await running;
}

async function generateAll(call: CommandCall): Promise<void> {
  const { options, flags, cwd, out, err } = call;
  const chosen = librariesOf(textOf(flags.get('for')), cwd);
  const catalog = buildCatalog(await loadSchemaFiles(options.schema, cwd));
  const { schema } = createQueryEngine({ catalog, work: createWork(), limits: options.limits });
  const folder = folderOf(call);
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
  if (chosen.length === 1 && chosen[0] === 'relay') return;
  const generate = await findGenerator(cwd);
  if (generate === undefined) {
    err(generatorMissing);
    return;
  }
  const written = await generate({
    schema: sdl,
    documents: textOf(flags.get('documents')) ?? defaultDocuments,
    folder,
    persisted: flags.has('persisted-documents'),
  });
  out(written.map((file) => `${relative(cwd, file)}\n`).join(''));
}

function folderOf({ cwd, flags }: CommandCall): string {
  return resolve(cwd, textOf(flags.get('out')) ?? defaultFolder);
}

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
