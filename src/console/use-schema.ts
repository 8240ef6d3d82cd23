import { useEffect, useState } from 'react';
import { credentialHeaders } from './credentials.ts';
import { readSdl } from './sdl.ts';
import type { Sdl } from './sdl.ts';

export type Schema =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly sdl: Sdl }
  | { readonly state: 'failed'; readonly reason: string };

/** The gateway's generated API, read once for each of its starts; that of before until then, and where it is the same. */
export function useSchema(start: string): Schema {
  const [schema, setSchema] = useState<Schema>({ state: 'loading' });
  useEffect(() => {
    let current = true;
    void read().then((read) => {
      if (current) setSchema((before) => (before.state === 'ready' && textOf(before) === textOf(read) ? before : read));
    });
    return () => {
      current = false;
    };
  }, [start]);
  return schema;
}

function textOf(schema: Schema): string | undefined {
  return schema.state === 'ready' ? schema.sdl.text : undefined;
}

async function read(): Promise<Schema> {
  try {
    const response = await fetch('/schema.graphql', { headers: credentialHeaders() });
    const text = await response.text();
    if (!response.ok) return { state: 'failed', reason: text.trim() || `it answered ${response.status}` };
    return { state: 'ready', sdl: readSdl(text) };
  } catch (cause) {
    return { state: 'failed', reason: cause instanceof Error ? cause.message : String(cause) };
  }
}
