import { SetupError, reasonOf } from '../common/errors.ts';
import type { Mistake } from '../common/errors.ts';
import { isRecord } from '../common/is-record.ts';

const expected =
  'Expected ids and documents, { "<id>": "query …" }, as client-preset writes them with persistedDocuments; or the manifest of Apollo.';

/** The documents of a manifest by id. Throws SetupError with every mistake. */
export function readManifest(file: string, text: string): ReadonlyMap<string, string> {
  const content = parse(file, text);
  if (!isRecord(content)) throw new SetupError([{ file, message: `This is no list of documents. ${expected}` }]);
  const mistakes: Mistake[] = [];
  const documents = new Map<string, string>();
  for (const [id, document] of typeof content['format'] === 'string' ? ofApollo(content) : Object.entries(content)) {
    const known = typeof id === 'string' ? documents.get(id) : undefined;
    if (typeof id !== 'string' || typeof document !== 'string') {
      mistakes.push({ file, message: `${JSON.stringify(id)}: expected an id and the text of a document. ${expected}` });
    } else if (known !== undefined && known !== document) {
      mistakes.push({ file, message: `"${id}" names two different documents.` });
    } else documents.set(id, document);
  }
  if (mistakes.length === 0 && documents.size === 0) {
    mistakes.push({ file, message: `There is no document in it, so nothing could be asked. ${expected}` });
  }
  if (mistakes.length > 0) throw new SetupError(mistakes);
  return documents;

  /** `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id","name","type","body"}]}` */
  function ofApollo({
    format,
    version,
    operations,
  }: Readonly<Record<string, unknown>>): (readonly [unknown, unknown])[] {
    if (format !== 'apollo-persisted-query-manifest' || version !== 1 || !Array.isArray(operations)) {
      mistakes.push({
        file,
        message: `Its format is ${JSON.stringify(format)}, version ${JSON.stringify(version)}. ${expected}`,
      });
      return [];
    }
    return operations.map((operation: unknown) =>
      isRecord(operation) ? [operation['id'], operation['body']] : [operation, undefined],
    );
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = reasonOf(error);
    throw new SetupError([{ file, message: `This is not JSON: ${reason}. ${expected}` }]);
  }
}
