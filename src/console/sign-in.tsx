import { useState } from 'react';
import { signInAs, storedCredentials } from './credentials.ts';

/** For a gateway that tells callers apart. What is typed here stays in this tab. */
export function SignIn({ reason }: { readonly reason?: string }) {
  const [kind, setKind] = useState<'token' | 'apiKey'>(() =>
    'apiKey' in (storedCredentials() ?? {}) ? 'apiKey' : 'token',
  );
  const [secret, setSecret] = useState('');
  return (
    <form
      className="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        if (location.hash === '#/sign-in') location.hash = '#/';
        signInAs(kind === 'token' ? { token: secret.trim() } : { apiKey: secret.trim() });
      }}
    >
      <h2>Who are you?</h2>
      {reason !== undefined && <p role="alert">The gateway refused: {reason}</p>}
      <fieldset className="choice">
        <legend className="hidden">Kind of credentials</legend>
        <label>
          <input type="radio" name="kind" checked={kind === 'token'} onChange={() => setKind('token')} />
          Token
        </label>
        <label>
          <input type="radio" name="kind" checked={kind === 'apiKey'} onChange={() => setKind('apiKey')} />
          API key
        </label>
      </fieldset>
      <label className="field">
        {kind === 'token' ? 'A JWT that this gateway accepts' : 'An API key of this gateway'}
        <input
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          value={secret}
          onChange={({ target }) => setSecret(target.value)}
        />
      </label>
      <button type="submit" className="primary">
        Sign in
      </button>
      <p className="hint">It is kept in this tab until it is closed, and sent to this gateway only.</p>
    </form>
  );
}
