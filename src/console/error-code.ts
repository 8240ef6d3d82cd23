import { CombinedGraphQLErrors } from '@apollo/client';

/** The code of an error that the gateway sent; undefined for any other. */
export function codeOf(error: Error | undefined): string | undefined {
  if (!CombinedGraphQLErrors.is(error)) return undefined;
  const code = error.errors[0]?.extensions?.['code'];
  return typeof code === 'string' ? code : undefined;
}
