import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildCatalog } from '../catalog/build.ts';
import { SetupError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { createWork } from '../common/work.ts';
import { isIdentityConfigured } from '../config/identity-settings.ts';
import { loadSchemaFiles } from '../config/load.ts';
import type { Options } from '../config/options.ts';
import { createIdentity } from '../identity/create-identity.ts';
import type { Caller } from '../model/caller.ts';
import { createQueryEngine } from '../query/engine.ts';
import { openStore } from '../store/lmdb.ts';
import type { Command } from './command.ts';
import { explainFlags, explainMistakes, readExplainRequest } from './explain-request.ts';

export const explain: Command = {
  usage: "['query …' | --file F] [--variables JSON] [--as CLAIMS] [--schema GLOB] [--data DIR]",
  help: `Says for every field that reads rows which key, index or scan it uses, and how a change would find the live version of
the operation; of derived tables also which changes elsewhere move their rows. Rows are counted in the store of --data where there is one; nothing is changed.
--as '{"sub":"u1","roles":["admin"]}' says whose rules apply; without it they are those of callers without identity.`,
  positionals: [],
  optionals: ['OPERATION'],
  options: ['schema', 'data', 'as'],
  flags: explainFlags,
  async run(call) {
    const { options, cwd, out } = call;
    const rulesRequired = isIdentityConfigured(options.identity);
    const catalog = buildCatalog(await loadSchemaFiles(options.schema, cwd), { rulesRequired });
    const work = createWork();
    const engine = createQueryEngine({ catalog, work, limits: options.limits });
    const request = await readExplainRequest(call);
    const prepared = engine.prepare(request, await callerOf(options));
    if ('length' in prepared) throw new SetupError(explainMistakes(request, prepared));
    const stored = resolve(cwd, options.data);
    const exists = existsSync(stored);
    // Without a store, an empty one: the plan is the same, only nothing is counted.
    const directory = exists ? stored : mkdtempSync(join(tmpdir(), 'headgate-explain-'));
    const store = openStore({ directory, catalog, writable: !exists, work, now: Date.now });
    const snapshot = store.snapshot();
    try {
      const fields = engine.explain(prepared, snapshot);
      const width = Math.max(...fields.map(({ path }) => path.length), 0);
      const margin = ' '.repeat(width);
      for (const { path, access, live, derived = [] } of fields) {
        out(`${path.padEnd(width)}  ${access}\n${margin}  live: ${live}\n`);
        for (const line of derived) out(`${margin}  ${line}\n`);
      }
      return 0;
    } finally {
      snapshot.release();
      await store.close();
      if (!exists) rmSync(directory, { recursive: true, force: true });
    }
  },
};

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Whom the rules are applied to: whoever `--as` says, else somebody without identity. */
async function callerOf({ identity = {} }: Options): Promise<Caller> {
  // The hook of the project is for clients, and there is none here.
  const settings = { ...identity, authenticate: undefined };
  return createIdentity({ settings, log: silent }).identify({ transport: 'http', headers: {}, address: 'explain' });
}
