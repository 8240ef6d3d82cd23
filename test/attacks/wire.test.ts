import { expect, test } from 'vitest';
import { askRaw } from '../support/raw-http.ts';
import { openRaw } from '../support/raw-websocket.ts';
import { createAttackedWorld } from './wire/attacked-world.ts';
import { bodyAttacks } from './wire/body-attacks.ts';
import { httpAttacks } from './wire/http-attacks.ts';
import { socketAttacks } from './wire/socket-attacks.ts';
import { upgradeAttacks } from './wire/upgrade-attacks.ts';

test.each([
  ['heads', httpAttacks],
  ['bodies', bodyAttacks],
  ['upgrades', upgradeAttacks],
])('%s of requests that mean no good end in their typed errors, and nothing is done for them', async (_, attacks) => {
  const world = await createAttackedWorld();
  const outcomes = await Promise.all(
    attacks.map(async ({ name, pieces, status, code }) => {
      const answer = await askRaw(world.url, ...pieces);
      const outcome = answer === undefined ? 'cut' : `${answer.status} ${answer.code ?? ''}`;
      const wanted = status === 'cut' ? status : `${status} ${code ?? ''}`;
      return outcome === wanted ? [] : [`${name}: ${outcome}, not ${wanted}: ${answer?.body ?? ''}`];
    }),
  );
  expect(outcomes.flat()).toEqual([]);
  await world.isUnharmed();
});

test('messages that mean no good end their socket with the code of the protocol, and no other', async () => {
  const world = await createAttackedWorld();
  const outcomes = await Promise.all(
    socketAttacks.map(async ({ name, pieces, close }) => {
      const socket = await openRaw(world.url);
      for (const piece of pieces) await socket.send(piece);
      const code = await socket.closed;
      return code === close ? [] : [`${name}: ${code}, not ${close}`];
    }),
  );
  expect(outcomes.flat()).toEqual([]);
  await world.isUnharmed();
});
