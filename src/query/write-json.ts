import { JsonText } from '../model/value.ts';

/**
 * The JSON text of a result. Unlike JSON.stringify it copies `JsonText` as it stands, so that the digits of a JSON column
 * reach the client untouched. Members that are undefined are left out; a value that JSON cannot hold becomes null.
 */
export function writeJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return `"${value}"`;
    case 'object':
      return value === null ? 'null' : writeObject(value);
    default:
      return 'null';
  }
}

function writeObject(value: object): string {
  if (value instanceof JsonText) return value.text;
  if (Array.isArray(value)) {
    let text = '[';
    for (let i = 0; i < value.length; i += 1) text += i === 0 ? writeJson(value[i]) : `,${writeJson(value[i])}`;
    return `${text}]`;
  }
  let text = '{';
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${JSON.stringify(name)}:${writeJson(member)}`;
  }
  return `${text}}`;
}
