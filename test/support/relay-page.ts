import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createOperationDescriptor, fetchQuery } from 'relay-runtime';
import type { ConcreteRequest, Environment, GraphQLTaggedNode } from 'relay-runtime';

const compiler = fileURLToPath(new URL('../../node_modules/relay-compiler/cli.js', import.meta.url));

/**
 * Compiles documents, by their names, with what `headgate codegen` has written for relay-compiler into `src/gql`. With `persisted` the page
 * names its documents, and their texts are in that file.
 */
export async function compileRelay<Name extends string>(
  directory: string,
  documents: Readonly<Record<Name, string>>,
  persisted?: string,
): Promise<Record<Name, ConcreteRequest>> {
  const tags = Object.values<string>(documents).map((text) => `graphql\`${text}\`;\n`);
  writeFileSync(join(directory, 'src/page.js'), `import { graphql } from 'relay-runtime';\n${tags.join('')}`);
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const file = join(directory, 'src/gql/relay.config.json');
  const written = JSON.parse(readFileSync(file, 'utf8')) as object;
  // As it is written, but for the language: what is compiled is run here.
  const persistConfig = persisted === undefined ? {} : { persistConfig: { file: persisted, algorithm: 'SHA256' } };
  writeFileSync(file, JSON.stringify({ ...written, language: 'javascript', ...persistConfig }));
  execFileSync(process.execPath, [compiler, 'src/gql/relay.config.json'], { cwd: directory, stdio: 'pipe' });
  const compiled = await Promise.all(
    Object.keys(documents).map(async (name) => {
      const artefact = pathToFileURL(join(directory, `src/__generated__/${name}.graphql.js`)).href;
      return [name, ((await import(/* @vite-ignore */ artefact)) as { default: ConcreteRequest }).default] as const;
    }),
  );
  return Object.fromEntries(compiled) as Record<Name, ConcreteRequest>;
}

/** What a component that shows a query renders. */
export interface Mounted<Data> {
  shown(): Data | undefined;
  close(): void;
}

export function mount<Data>(environment: Environment, query: ConcreteRequest, changed?: () => void): Mounted<Data> {
  const operation = createOperationDescriptor(query, {});
  const retained = environment.retain(operation);
  let snapshot = environment.lookup(operation.fragment);
  const subscribed = environment.subscribe(snapshot, (next) => {
    snapshot = next;
    changed?.();
  });
  return {
    shown: () => snapshot.data as Data | undefined,
    close() {
      subscribed.dispose();
      retained.dispose();
    },
  };
}

/** Of a query that is kept live. */
export function mountLive<Data>(environment: Environment, query: ConcreteRequest, changed?: () => void): Mounted<Data> {
  const { shown, close } = mount<Data>(environment, query, changed);
  const live = fetchQuery(
    environment,
    query as unknown as GraphQLTaggedNode,
    {},
    {
      networkCacheConfig: { liveConfigId: 'live', force: true },
    },
  ).subscribe({});
  return {
    shown,
    close() {
      live.unsubscribe();
      close();
    },
  };
}
