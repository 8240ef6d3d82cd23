/**
 * JSON as a tree that keeps what `JSON.parse` loses: the digits of numbers, the order and repetition of members.
 * The oracle reads records and responses with it, so that it shares no parser with the gateway.
 */
export type Json =
  | { readonly t: 'null' }
  | { readonly t: 'bool'; readonly value: boolean }
  | { readonly t: 'num'; readonly text: string }
  | { readonly t: 'str'; readonly value: string }
  | { readonly t: 'arr'; readonly items: readonly Json[] }
  | { readonly t: 'obj'; readonly entries: readonly (readonly [string, Json])[] };

export const jsonNull: Json = { t: 'null' };
export const jsonText = (value: string): Json => ({ t: 'str', value });
export const jsonNumber = (text: string): Json => ({ t: 'num', text });
export const jsonBool = (value: boolean): Json => ({ t: 'bool', value });
export const jsonList = (items: readonly Json[]): Json => ({ t: 'arr', items });
export const jsonObject = (entries: readonly (readonly [string, Json])[]): Json => ({ t: 'obj', entries });

const stringLiteral = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const numberLiteral = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Throws for anything that RFC 8259 does not allow. */
export function parseJson(text: string): Json {
  let at = 0;
  const fail = (): never => {
    throw new Error(`not JSON at ${at}: ${text.slice(Math.max(0, at - 20), at + 20)}`);
  };
  const space = (): void => {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return;
      at += 1;
    }
  };
  const literal = (word: string, value: Json): Json => {
    if (!text.startsWith(word, at)) fail();
    at += word.length;
    return value;
  };
  const string = (): string => {
    // The platform's parser is trusted for one string literal, which it cannot round.
    stringLiteral.lastIndex = at;
    const [found] = stringLiteral.exec(text) ?? fail();
    at += found.length;
    return JSON.parse(found) as string;
  };
  const value = (): Json => {
    space();
    const c = text.charAt(at);
    if (c === '{') {
      const entries: [string, Json][] = [];
      at += 1;
      space();
      if (text.charAt(at) === '}') {
        at += 1;
        return jsonObject(entries);
      }
      for (;;) {
        space();
        if (text.charAt(at) !== '"') fail();
        const name = string();
        space();
        if (text.charAt(at) !== ':') fail();
        at += 1;
        entries.push([name, value()]);
        space();
        const end = text.charAt(at);
        at += 1;
        if (end === '}') return jsonObject(entries);
        if (end !== ',') fail();
      }
    }
    if (c === '[') {
      const items: Json[] = [];
      at += 1;
      space();
      if (text.charAt(at) === ']') {
        at += 1;
        return jsonList(items);
      }
      for (;;) {
        items.push(value());
        space();
        const end = text.charAt(at);
        at += 1;
        if (end === ']') return jsonList(items);
        if (end !== ',') fail();
      }
    }
    if (c === '"') return jsonText(string());
    if (c === 't') return literal('true', jsonBool(true));
    if (c === 'f') return literal('false', jsonBool(false));
    if (c === 'n') return literal('null', jsonNull);
    numberLiteral.lastIndex = at;
    const number = numberLiteral.exec(text) ?? fail();
    at += number[0].length;
    return jsonNumber(number[0]);
  };
  const result = value();
  space();
  if (at !== text.length) fail();
  return result;
}

export function printJson(json: Json): string {
  switch (json.t) {
    case 'null':
      return 'null';
    case 'bool':
      return String(json.value);
    case 'num':
      return json.text;
    case 'str':
      return JSON.stringify(json.value);
    case 'arr':
      return `[${json.items.map(printJson).join(',')}]`;
    case 'obj':
      return `{${json.entries.map(([name, value]) => `${JSON.stringify(name)}:${printJson(value)}`).join(',')}}`;
  }
}

/** The member; of repeated ones the last, as every parser of JSON has it. */
export function member(json: Json, name: string): Json | undefined {
  if (json.t !== 'obj') return undefined;
  return json.entries.findLast(([n]) => n === name)?.[1];
}
