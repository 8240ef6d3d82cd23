import { readFileSync } from 'node:fs';
import { SetupError } from '../common/errors.ts';
import { isJsonObject } from '../decode/json.ts';
import type { TableDraft } from './draft.ts';
import { fileNameOf } from './names.ts';
import { pageText, pageTitle, timeColumn } from './page-text.ts';
import { printDraft } from './print-draft.ts';

export interface ProjectInput {
  /** Of the project, where it has none. */
  readonly name: string;
  readonly drafts: readonly TableDraft[];
  /** Brokers, or undefined for the embedded log in `log/`. */
  readonly kafka: readonly string[] | undefined;
  readonly page: boolean;
  /** A command that writes a record of the first table. */
  readonly produce: string;
  /** What is in the folder already. */
  readonly manifest: string | undefined;
  readonly ignored: string | undefined;
}

/** What is written: new files, and those that may be there and are added to. By path in the project. */
export interface Project {
  readonly created: ReadonlyMap<string, string>;
  readonly merged: ReadonlyMap<string, string>;
  /** What was left as it is. */
  readonly remarks: readonly string[];
}

/** Throws SetupError for a package.json that is none. */
export function makeProject(input: ProjectInput): Project {
  const { drafts, page } = input;
  const created = new Map<string, string>();
  for (const [i, draft] of drafts.entries()) {
    created.set(`schema/${fileNameOf(draft.type)}.graphql`, printDraft(page && i === 0 ? ordered(draft) : draft));
  }
  created.set('headgate.config.mjs', configText(input.kafka));
  const [first] = drafts;
  if (page && first !== undefined) {
    created.set(
      'page/index.html',
      template('index.html').replace('<title>Headgate<', `<title>${pageTitle(first)}, live<`),
    );
    for (const file of ['connection.tsx', 'live.tsx', 'live-table.tsx', 'page.css']) {
      created.set(`page/${file}`, template(file));
    }
    created.set('page/main.tsx', pageText(first, drafts, input.produce));
    created.set('vite.config.mts', template('vite.config.mts'));
    created.set('tsconfig.json', template('tsconfig.json'));
  }
  const { text, remarks } = manifestText(input);
  const merged = new Map([
    ['package.json', text],
    ['.gitignore', ignoredText(input)],
  ]);
  return { created, merged, remarks };
}

/** A page with the newest rows of a large table needs an index on what it orders by. */
function ordered(draft: TableDraft): TableDraft {
  const time = timeColumn(draft);
  const columns = draft.columns.map((column) =>
    column === time && !draft.key.includes(column.name) ? { ...column, indexed: true } : column,
  );
  return { ...draft, columns };
}

function configText(kafka: readonly string[] | undefined): string {
  const source =
    kafka === undefined
      ? `  // Records: files of the embedded log, one a topic. Instead of it: kafka: 'localhost:9092',
  log: 'log',`
      : `  // Records. Instead of Kafka, a folder of NDJSON files: log: 'log',
  // With TLS and a password: kafka: { brokers: […], ssl: true, saslMechanism: 'scram-sha-256' }, and HEADGATE_KAFKA_SASL_USERNAME
  // and HEADGATE_KAFKA_SASL_PASSWORD in the environment.
  kafka: ${JSON.stringify(kafka).replaceAll('"', "'").replaceAll(',', ', ')},`;
  return `// Settings of Headgate: npx headgate serve --help tells them all. Flags and environment variables outweigh what is here.
export default {
${source}
  port: 4000,
  // Who may connect: jwt: { jwksUrl: 'https://…' }, or allowedOrigins: ['https://app.example.com'].
};
`;
}

function template(file: string): string {
  return readFileSync(new URL(`../../src/template/${file}`, import.meta.url), 'utf8');
}

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** What a page needs, in the versions that Headgate is tested with. */
const pagePackages = ['@apollo/client', 'graphql', 'graphql-ws', 'react', 'react-dom', 'rxjs'];
const pageTools = [
  '@graphql-codegen/cli',
  '@graphql-codegen/client-preset',
  '@types/react',
  '@types/react-dom',
  '@vitejs/plugin-react',
  'typescript',
  'vite',
];

function manifestText({ name, manifest, page }: ProjectInput): { text: string; remarks: readonly string[] } {
  const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Manifest;
  const versions = { ...own.devDependencies, ...own.dependencies };
  const pick = (names: readonly string[]) => Object.fromEntries(names.map((each) => [each, versions[each] ?? '*']));
  const known = manifest === undefined ? { name, private: true, type: 'module' } : readManifest(manifest);
  const remarks: string[] = [];
  const wanted: Readonly<Record<string, string>> = page
    ? {
        predev: 'npm run --silent codegen',
        dev: 'headgate dev --start vite',
        build: 'npm run --silent codegen && tsc && vite build',
        check: 'headgate check',
        codegen: 'headgate codegen --out page/gql --documents "page/**/*.{ts,tsx}"',
      }
    : { dev: 'headgate dev', check: 'headgate check', codegen: 'headgate codegen' };
  const scripts = { ...(known['scripts'] as Record<string, string> | undefined) };
  for (const [script, command] of Object.entries(wanted)) {
    if (scripts[script] === undefined) scripts[script] = command;
    else if (scripts[script] !== command)
      remarks.push(`package.json has a script "${script}" already; ours would be: ${command}`);
  }
  const isThere = (each: string) =>
    ['dependencies', 'devDependencies'].some((group) => each in ((known[group] as object | undefined) ?? {}));
  const missing = (packages: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(packages).filter(([each]) => !isThere(each)));
  const dependencies = missing({ headgate: `^${own.version}`, ...(page ? pick(pagePackages) : {}) });
  const devDependencies = missing(page ? pick(pageTools) : {});
  const merged = {
    ...known,
    scripts,
    dependencies: sorted({ ...(known['dependencies'] as object | undefined), ...dependencies }),
    ...(page
      ? { devDependencies: sorted({ ...(known['devDependencies'] as object | undefined), ...devDependencies }) }
      : {}),
  };
  return { text: `${JSON.stringify(merged, null, 2)}\n`, remarks };
}

function readManifest(text: string): Readonly<Record<string, unknown>> {
  const groups = ['scripts', 'dependencies', 'devDependencies'];
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch {
    // No more of a manifest than JSON of another kind.
  }
  if (isJsonObject(manifest) && groups.every((group) => isJsonObject(manifest[group] ?? {}))) return manifest;
  throw new SetupError([
    {
      file: 'package.json',
      message: `Nothing was written, because this is none that npm takes: a JSON object, of which ${groups.join(', ')} are objects.`,
    },
  ]);
}

function sorted(packages: object): object {
  return Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function ignoredText({ ignored = '', page }: ProjectInput): string {
  const lines = ignored.split(/\r?\n/).map((line) => line.trim().replace(/\/$/, ''));
  const wanted = ['node_modules/', '.headgate/', ...(page ? ['dist/', 'page/gql/'] : [])];
  const missing = wanted.filter((line) => !lines.includes(line.replace(/\/$/, '')));
  const start = ignored === '' || ignored.endsWith('\n') ? ignored : `${ignored}\n`;
  return `${start}${missing.map((line) => `${line}\n`).join('')}`;
}
