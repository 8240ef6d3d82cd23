import fc from 'fast-check';
import { seedFromEnvironment } from './random.ts';

// Under CI and with HEADGATE_SEED, property tests try the same values every time; else new ones, and a failure prints its seed.
if (process.env['CI'] === 'true' || (process.env['HEADGATE_SEED'] ?? '') !== '') {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: seedFromEnvironment() | 0 });
}
