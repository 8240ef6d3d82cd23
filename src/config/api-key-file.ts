import { createHash } from 'node:crypto';
import { didYouMean } from '../common/did-you-mean.ts';
import type { Mistake } from '../common/errors.ts';
import { isRecord } from '../common/is-record.ts';
import type { ApiKey } from './identity-settings.ts';

/** Characters of a key at least: one that can be guessed is none. */
const minLength = 20;

const members = ['name', 'sha256', 'key', 'roles', 'claims', 'requestsPerSecond'];
const form = 'The file of API keys is JSON like [{ "name": "billing", "sha256": "…", "roles": ["support"] }].';

/**
 * The keys in the text of an API key file. Reports every mistake, and never what could be a key. A key may be there as itself or,
 * better, as its SHA-256, from which nobody gets to the key; in memory there is only the latter.
 */
export function readApiKeys(text: string, file: string, mistakes: Mistake[]): readonly ApiKey[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    // What JSON.parse says quotes the text.
    mistakes.push({ file, message: `This is no JSON. ${form}` });
    return [];
  }
  if (!Array.isArray(list) || list.length === 0) {
    mistakes.push({ file, message: form });
    return [];
  }
  const keys = list.map((entry: unknown, index) => readEntry(entry, index + 1, file, mistakes));
  return checkUnique(
    keys.filter((key) => key !== undefined),
    file,
    mistakes,
  );
}

function readEntry(entry: unknown, number: number, file: string, mistakes: Mistake[]): ApiKey | undefined {
  const before = mistakes.length;
  const mistake = (message: string): void => void mistakes.push({ file, message: `Entry ${number}: ${message}` });
  if (!isRecord(entry)) {
    mistake(`it is no object. ${form}`);
    return undefined;
  }
  for (const name of Object.keys(entry)) {
    if (!members.includes(name)) mistake(`there is no "${name}".${didYouMean(name, members)}`);
  }
  const { name, sha256, key, roles, claims, requestsPerSecond } = entry;
  if (typeof name !== 'string' || name === '') mistake('"name" is a text that tells its caller from others.');
  if ((sha256 === undefined) === (key === undefined)) mistake('it has either "sha256" or "key".');
  if (sha256 !== undefined && !(typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256))) {
    mistake('"sha256" is the SHA-256 of the key in 64 hexadecimal digits, as sha256sum prints it.');
  }
  if (key !== undefined && !(typeof key === 'string' && key.trim().length >= minLength)) {
    mistake(`"key" is a random text of ${minLength} characters or more.`);
  }
  if (
    roles !== undefined &&
    !(Array.isArray(roles) && roles.every((role) => typeof role === 'string' && role !== ''))
  ) {
    mistake('"roles" is a list of names.');
  }
  if (claims !== undefined && !isRecord(claims)) mistake('"claims" is an object, such as { "tenant": "t1" }.');
  if (
    requestsPerSecond !== undefined &&
    !(typeof requestsPerSecond === 'number' && Number.isFinite(requestsPerSecond) && requestsPerSecond >= 0)
  ) {
    mistake('"requestsPerSecond" is a number; 0 is no limit.');
  }
  if (mistakes.length > before) return undefined;
  const digest =
    typeof key === 'string' ? createHash('sha256').update(key.trim()).digest('hex') : String(sha256).toLowerCase();
  return { name, sha256: digest, roles, claims, requestsPerSecond } as ApiKey;
}

function checkUnique(keys: readonly ApiKey[], file: string, mistakes: Mistake[]): readonly ApiKey[] {
  const byKey = new Map<string, string>();
  const names = new Set<string>();
  for (const { name, sha256 } of keys) {
    const other = byKey.get(sha256);
    if (names.has(name))
      mistakes.push({ file, message: `Two entries are called "${name}". Give each a name of its own.` });
    else if (other !== undefined) mistakes.push({ file, message: `"${other}" and "${name}" have the same key.` });
    names.add(name);
    byKey.set(sha256, name);
  }
  return keys;
}
