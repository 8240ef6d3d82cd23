import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Mistake } from '../common/errors.ts';
import { reasonOf } from '../common/errors.ts';
import { readText } from './read-text.ts';

/** PEM texts of what https and wss are served with. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
}

/** Reads the certificate and its key; undefined where TLS is not set. Reports what cannot be read and what does not fit together. */
export function tlsSettings(
  certFile: string | undefined,
  keyFile: string | undefined,
  cwd: string,
  mistakes: Mistake[],
): TlsSettings | undefined {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    mistakes.push({ message: 'A certificate needs its key: set tls.certFile and tls.keyFile together.' });
    return undefined;
  }
  const cert = readText(resolve(cwd, certFile), certFile, mistakes);
  const key = readText(resolve(cwd, keyFile), keyFile, mistakes);
  if (cert === undefined || key === undefined) return undefined;
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const reason = reasonOf(error);
    mistakes.push({
      message: `tls.certFile ${certFile} and tls.keyFile ${keyFile} are not usable together: ${reason}`,
    });
    return undefined;
  }
  return { cert, key };
}
