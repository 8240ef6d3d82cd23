import { pluralOf, singularOf } from '../catalog/names.ts';
import { isScalarDraft } from './draft.ts';
import type { ColumnDraft, TableDraft } from './draft.ts';
import { capitalized } from './names.ts';
import { words } from './scalar-type.ts';

/** Columns that a page shows; more do not fit. */
const maxShown = 8;
const rowsShown = 50;

/** The column whose newest come first on the page. */
export function timeColumn({ columns, mode }: TableDraft): ColumnDraft | undefined {
  const times = columns.filter(({ type }) => isScalarDraft(type, 'DateTime'));
  const own = mode === 'APPEND' ? times[0] : times.find(({ name }) => /^(updated|modified)/i.test(name));
  return own ?? times.find(({ from }) => from.kind === 'meta') ?? times[0];
}

/** Of the page that shows a table: `Order lines`. */
export function pageTitle({ type }: TableDraft): string {
  return titleOf(pluralOf(singularOf(type)));
}

/** `page/main.tsx`: the live query of a table, and what it shows of it. */
export function pageText(draft: TableDraft, tables: readonly TableDraft[], produce: string): string {
  const field = pluralOf(singularOf(draft.type));
  const operation = capitalized(field);
  const time = timeColumn(draft);
  const order = time === undefined ? '' : `orderBy: [{ ${time.name}: DESC }], `;
  const visible = draft.columns.filter(
    ({ hidden, from }) => !hidden && (from.kind !== 'meta' || from.meta !== 'COORDINATES'),
  );
  const last = time !== undefined && visible.includes(time) ? [time] : [];
  const shown = [...visible.filter((column) => column !== time).slice(0, maxShown - last.length), ...last];
  const cells = shown.map((column) => cellOf(column, draft, tables));
  const id = shown.some(({ name }) => name === 'id') ? [] : ['id'];
  const selections = [...id, ...cells.map(({ selection }) => selection)];
  return `import { ApolloClient, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { ApolloProvider } from '@apollo/client/react';
import { apolloDefaults } from 'headgate/client';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { connection, ConnectionBadge } from './connection.tsx';
import { graphql } from './gql';
import { possibleTypes, typePolicies } from './gql/apollo';
import { LiveTable } from './live-table.tsx';
import { useLive } from './live.tsx';
import './page.css';

const apollo = new ApolloClient({
  link: new GraphQLWsLink(connection),
  cache: new InMemoryCache({ possibleTypes, typePolicies }),
  ...apolloDefaults,
});

// \`npm run codegen\` writes its types: \`npm run dev\` does that once, at its start. After a change of this or of the schema, run it.
const ${field}Document = graphql(\`
  subscription ${operation} {
    ${field}(${order}limit: ${rowsShown}) {
${selections.map((selection) => `      ${selection}\n`).join('')}    }
  }
\`);

const produce = ${tsString(produce)};

function Page() {
  const live = useLive(${field}Document);
  return (
    <>
      <header>
        <div>
          <h1>${pageTitle(draft)}</h1>
          <p>The newest ${rowsShown} of the topic ${draft.topic}</p>
        </div>
        <ConnectionBadge />
      </header>
      <main>
        <LiveTable
          title="${pageTitle(draft)}"
          live={live}
          rows={live.data?.${field} ?? []}
          columns={[
${cells.map(({ column }) => `            ${column}\n`).join('')}          ]}
          empty={<p>No ${words(field)} yet.</p>}
        />
      </main>
      <footer>
        Write one, and watch it arrive: <code>{produce}</code>
      </footer>
    </>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <ApolloProvider client={apollo}>
      <Page />
    </ApolloProvider>
  </StrictMode>,
);
`;
}

/** What is asked for of a column, and how it is shown: of a row that it leads to, the name. */
function cellOf({ name, type }: ColumnDraft, draft: TableDraft, tables: readonly TableDraft[]) {
  const relation = draft.relations.find(({ many, column }) => !many && column === name);
  const target = tables.find((each) => each.type === relation?.target);
  const label = target?.columns.find(
    (column) => /^(name|title|label|[a-z]*_?name)$/i.test(column.name) && isScalarDraft(column.type, 'String'),
  );
  if (relation !== undefined && label !== undefined) {
    return {
      selection: `${name}\n      ${relation.name} {\n        id\n        ${label.name}\n      }`,
      column: `{ title: '${titleOf(relation.name)}', value: (row) => row.${relation.name}?.${label.name} ?? row.${name} },`,
    };
  }
  const object = type.kind === 'list' ? type.element : type;
  const fields = object.kind === 'object' ? fieldsOf(object.name, draft) : '';
  const align = isScalarDraft(type, 'Int', 'Float', 'BigInt', 'Decimal') ? ", align: 'right'" : '';
  return {
    selection: `${name}${fields}`,
    column: `{ title: '${titleOf(name)}', value: (row) => row.${name}${align} },`,
  };
}

function fieldsOf(object: string, draft: TableDraft): string {
  const fields = draft.objects.find(({ name }) => name === object)?.fields ?? [];
  const inner = fields.map(({ name, type }) => {
    const bare = type.kind === 'list' ? type.element : type;
    return bare.kind === 'object' ? `${name}${fieldsOf(bare.name, draft)}` : name;
  });
  return ` { ${inner.join(' ')} }`;
}

function titleOf(name: string): string {
  return capitalized(words(name).replace(/\bid\b/, 'ID'));
}

/** In single quotes, as the rest of the page is written. */
function tsString(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}
