import { useDeferredValue, useMemo, useState } from 'react';
import { SdlBlock } from './sdl-block.tsx';
import { blocksOf, search } from './sdl-blocks.ts';
import { useSchema } from './use-schema.ts';

/** The generated API, with a search. `start`: of the gateway, as another may have another schema. */
export function SchemaView({ start, name }: { readonly start: string; readonly name: string }) {
  const schema = useSchema(start);
  const [text, setText] = useState(name);
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const sdl = schema.state === 'ready' ? schema.sdl.text : '';
  const blocks = useMemo(() => blocksOf(sdl), [sdl]);
  const shown = useMemo(() => search(blocks, wanted), [blocks, wanted]);
  return (
    <section aria-labelledby="schema" data-state={schema.state}>
      <header>
        <h2 id="schema">Generated schema</h2>
        <p className="note">
          <a href="/schema.graphql">schema.graphql</a>
        </p>
      </header>
      {schema.state === 'loading' && <p className="notice waiting">Waiting for the schema…</p>}
      {schema.state === 'failed' && (
        <p className="notice" role="alert">
          The gateway does not tell its schema: {schema.reason}
        </p>
      )}
      {schema.state === 'ready' && (
        <>
          <div className="filters">
            <input
              type="search"
              aria-label="Search in the schema"
              placeholder="Search for a type, a field, a word"
              value={text}
              onChange={({ target }) => setText(target.value)}
            />
            <span role="status">
              {wanted === '' ? `${blocks.length} definitions` : `${shown.length} of ${blocks.length} definitions`}
            </span>
          </div>
          <div className="sdl">
            {shown.map(({ name: key, text: block }) => (
              <SdlBlock key={key} text={block} wanted={wanted} />
            ))}
          </div>
        </>
      )}
    </section>
  );
}
