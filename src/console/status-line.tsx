import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { asDuration, inWhole } from '../page/format.ts';
import { signInAs, storedCredentials } from './credentials.ts';
import type { GatewayStatus } from './documents.ts';
import { FrameNumber } from './frame-number.tsx';
import { useGateway } from './gateway-status.tsx';
import { totalBadOf } from './measured.ts';
import { problemsOf } from './problems.ts';
import type { Problem } from './problems.ts';
import { deadLettersHref, tableHref } from './route.ts';
import { asBytes } from './units.ts';

export interface StatusLineProps {
  /** Beside something else that is looked at. */
  readonly compact: boolean;
}

/** In one look: whether all is well, and what is not. */
export function StatusLine({ compact }: StatusLineProps) {
  const { live, history, at } = useGateway();
  const { state, data, error } = live;
  const problems = data === undefined ? [] : problemsOf(data, history, at);
  const count = problems.length;

  useEffect(() => {
    document.title = count === 0 ? 'Headgate' : `(${count}) Headgate`;
  }, [count]);

  if (data === undefined) {
    return (
      <section className="state" data-state={state} aria-label="State of the gateway">
        <p className={state === 'loading' ? 'waiting' : 'refusal'} role={state === 'failed' ? 'alert' : undefined}>
          {state === 'failed'
            ? `The gateway refused this: ${error?.message ?? 'it gave no reason'}`
            : 'Waiting for the gateway…'}
        </p>
      </section>
    );
  }
  const level = state === 'stale' ? 'bad' : (problems[0]?.severity ?? levelOf(data));
  return (
    <section
      className={compact ? 'state compact' : 'state'}
      data-state={state}
      data-level={level}
      aria-label="State of the gateway"
    >
      <div className="verdict">
        <p role="status">
          <span className="dot" aria-hidden="true" />
          {state === 'stale' ? 'No word from the gateway' : verdict(data, problems)}
        </p>
        <Facts status={data} at={at} />
        <Caller isOperator={data.liveQueryCount !== null} />
      </div>
      {count > 0 && (
        <ul className="problems" aria-label={state === 'stale' ? 'What was wrong' : 'What is wrong'}>
          {problems.map(({ id, severity, what, why, list, table }) => (
            <li key={id} data-severity={severity}>
              <strong>{table === undefined ? what : <a href={tableHref(table)}>{what}</a>}</strong>
              {why !== undefined && <span> {why}</span>}
              {list !== undefined && (
                <ul>
                  {list.map(({ place, text }) => (
                    <li key={`${place} ${text}`}>
                      {place !== '' && <code>{place}</code>} {text}
                    </li>
                  ))}
                </ul>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function levelOf({ ready, tables }: GatewayStatus): 'good' | 'filling' | 'none' {
  if (tables.length === 0) return 'none';
  return ready ? 'good' : 'filling';
}

function verdict({ ready, tables }: GatewayStatus, problems: readonly Problem[]): string {
  const [first] = problems;
  if (first !== undefined) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    return ready ? count : `${count}, and tables are filling`;
  }
  if (tables.length === 0) return 'There is no table, or none that you may read';
  if (!ready) return 'Tables are filling';
  if (tables.length === 1) return 'The table is live';
  return tables.length === 2 ? 'Both tables are live' : `All ${tables.length} tables are live`;
}

function Facts({ status, at }: { readonly status: GatewayStatus; readonly at: number }) {
  const { source, version, startedAt, storeBytes, release, tables } = status;
  const bad = totalBadOf(tables);
  return (
    <dl className="facts">
      <Fact name="Source">{source.kind === 'KAFKA' ? 'Kafka' : 'embedded log'}</Fact>
      <Fact name="Commits">
        <FrameNumber value={version} format={inWhole} />
      </Fact>
      {storeBytes !== null && (
        <Fact name="Store">
          <FrameNumber value={storeBytes} format={asBytes} />
        </Fact>
      )}
      <Fact name="Running for">
        <time dateTime={startedAt} title={startedAt}>
          {asDuration(at - Date.parse(startedAt))}
        </time>
      </Fact>
      {(bad.count > 0 || bad.hidden > 0) && (
        <Fact name="Dead letters">
          {bad.hidden < tables.length && <a href={deadLettersHref('')}>{inWhole(bad.count)}</a>}
          {bad.hidden > 0 && (bad.hidden < tables.length ? ', without tables that hide theirs' : 'hidden')}
        </Fact>
      )}
      {release !== null && <Fact name="Release">{release}</Fact>}
    </dl>
  );
}

/** Who looks; somebody who has said so, or who might see more. */
function Caller({ isOperator }: { readonly isOperator: boolean }) {
  if (storedCredentials() !== undefined) {
    return (
      <button type="button" className="link" onClick={() => signInAs(undefined)}>
        Sign out
      </button>
    );
  }
  return !isOperator && <a href="#/sign-in">Sign in</a>;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
