import { bombAttacks } from './bomb-attacks.ts';
import { forgeryAttacks } from './forgery-attacks.ts';
import { nameAttacks } from './name-attacks.ts';
import { readerAttacks } from './reader-attacks.ts';
import { syntaxAttacks } from './syntax-attacks.ts';
import { variableAttacks } from './variable-attacks.ts';
import { workAttacks } from './work-attacks.ts';
import type { Attack } from './document-attack.ts';

/** Every request that means no good, and what it is answered with. */
export const attacks: readonly Attack[] = [
  ...syntaxAttacks,
  ...bombAttacks,
  ...nameAttacks,
  ...variableAttacks,
  ...workAttacks,
  ...forgeryAttacks,
  ...readerAttacks,
];
