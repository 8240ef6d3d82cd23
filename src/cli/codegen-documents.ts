import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Kind, visit } from 'graphql';
import type { DocumentNode, FieldNode, SelectionNode } from 'graphql';
import { SetupError, reasonOf } from '../common/errors.ts';

export interface DocumentsRequest {
  /** The API's SDL: its file would be taken for a glob, as which a path with parentheses means another one. */
  readonly schema: string;
  /** Glob, relative to the project. */
  readonly documents: string;
  readonly folder: string;
  readonly persisted: boolean;
}

/** Writes typed documents; answers with the files. Throws SetupError with what is wrong in the project's operations. */
type GenerateDocuments = (request: DocumentsRequest) => Promise<readonly string[]>;

export const generatorMissing = `
Typed documents need GraphQL Code Generator, which is not installed here:
  npm install --save-dev @graphql-codegen/cli @graphql-codegen/client-preset
Then run headgate codegen again.
`;

/** How the scalars of the API come out of JSON. */
const scalars = {
  BigInt: { input: 'string | number', output: 'string' },
  Bytes: 'string',
  Date: 'string',
  DateTime: { input: 'string | number', output: 'string' },
  Decimal: { input: 'string | number', output: 'string' },
  Duration: 'string',
  ID: { input: 'string | number', output: 'string' },
  JSON: 'unknown',
  UUID: 'string',
};

interface Cli {
  generate(config: object, saveToFile: boolean): Promise<readonly { readonly filename: string }[]>;
}

/** The project's own GraphQL Code Generator; undefined where it has none. */
export async function findGenerator(cwd: string): Promise<GenerateDocuments | undefined> {
  const cli = await load<Cli>('@graphql-codegen/cli', cwd);
  const preset = await load<{ readonly preset: unknown }>('@graphql-codegen/client-preset', cwd);
  if (cli === undefined || preset === undefined) return undefined;
  return async ({ schema, documents, folder, persisted }) => {
    const inside = literal(relative(cwd, folder).split(sep).join('/'));
    const target = {
      preset: preset.preset,
      presetConfig: { fragmentMasking: false, persistedDocuments: persisted },
      config: { useTypeImports: true, enumsAsTypes: true, strictScalars: true, scalars },
      // What is asked for by its hash is answered as it was written, whatever a cache would add.
      ...(persisted ? { documentTransforms: [{ transform: withTypenames }] } : {}),
    };
    try {
      const written = await cli.generate(
        {
          cwd,
          schema,
          documents: [documents, `!${inside}/**`],
          ignoreNoDocuments: true,
          silent: true,
          errorsOnly: true,
          generates: { [`${folder}/`]: target },
        },
        true,
      );
      return written.map(({ filename }) => filename);
    } catch (error) {
      const reason = reasonOf(error);
      throw new SetupError([{ message: `The typed documents could not be made: ${reason}` }]);
    }
  };
}

interface ProjectFile {
  readonly document?: DocumentNode;
}

/** Caches tell rows apart by it. Not at the root, where a subscription has one field. */
function withTypenames({ documents }: { readonly documents: readonly ProjectFile[] }): readonly ProjectFile[] {
  return documents.map((file) => (file.document === undefined ? file : { ...file, document: typed(file.document) }));
}

function typed(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field: {
      leave(field) {
        const { selectionSet } = field;
        if (selectionSet === undefined || selectionSet.selections.some(isTypename)) return undefined;
        const selections = [...selectionSet.selections, typename];
        return { ...field, selectionSet: { ...selectionSet, selections } };
      },
    },
  });
}

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

function isTypename(selection: SelectionNode): boolean {
  return selection.kind === Kind.FIELD && (selection.alias ?? selection.name).value === '__typename';
}

/** As a glob that means this path alone. */
function literal(path: string): string {
  return path.replaceAll(/[\\*?|(){}[\]!+@^$]/g, String.raw`\$&`);
}

async function load<T>(name: string, cwd: string): Promise<T | undefined> {
  let file: string;
  try {
    file = createRequire(join(cwd, 'package.json')).resolve(name);
  } catch {
    return undefined;
  }
  return (await import(pathToFileURL(file).href)) as T;
}
