import type { Mutant } from './mutants.ts';

const wire = 'test/attacks/wire.test.ts';
const fuzz = 'test/attacks/fuzz.test.ts';

/** Seeded bugs of the server that attacks over the wire should find. */
export const attackMutants: readonly Mutant[] = [
  {
    name: 'attacks: any page may open a WebSocket',
    file: 'src/server/upgrades.ts',
    search: 'if (!origins.mayConnect(request))',
    replace: 'if (!origins.mayConnect(request) && draining())',
    suite: wire,
  },
  {
    name: 'attacks: HTTP/1.0 is upgraded',
    file: 'src/server/upgrades.ts',
    search: " || request.httpVersion === '1.0'",
    replace: '',
    suite: wire,
  },
  {
    name: 'attacks: bodies of any type are read',
    file: 'src/server/request-checks.ts',
    search: "  if (request.method === 'POST' && !isJson(request.headers['content-type'])) return unknownContent;\n",
    replace: '',
    suite: wire,
  },
  {
    name: 'attacks: WebSockets take any path',
    file: 'src/server/upgrades.ts',
    search: 'if (pathOf(request) !== graphqlPath)',
    replace: "if (pathOf(request) === '/')",
    suite: wire,
  },
  {
    name: 'attacks: a message that only servers send is a mistake of ours',
    file: 'src/server/sockets.ts',
    search: 'if (isWrongWayRound(error)) return',
    replace: 'if (!(error instanceof Error)) return',
    suite: fuzz,
  },
  {
    name: 'attacks: a session stays when its socket has gone',
    file: 'src/server/sockets.ts',
    search: '        client.session.close();\n',
    replace: '',
    suite: fuzz,
  },
  {
    name: 'attacks: variables are nested as deep as they like',
    file: 'src/query/prepare.ts',
    search: 'return levels === 0 || Object.values(value)',
    replace: 'return Object.values(value)',
    suite: 'test/attacks/documents-wire.test.ts',
  },
];
