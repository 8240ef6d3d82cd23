/** The public API; the only barrel. */
export { createGateway } from './gateway.ts';
export type { Gateway, GatewayOptions } from './gateway.ts';
export { createTestGateway } from './testing.ts';
export type {
  TestCaller,
  TestGateway,
  TestGatewayOptions,
  TestRecord,
  TestResult,
  TestSubscription,
} from './testing.ts';
export { buildCatalog, checkSchema } from './catalog/build.ts';
export { SetupError, errorCodes } from './common/errors.ts';
export type { ErrorCode, Mistake } from './common/errors.ts';
export { decodePosition } from './model/position.ts';
export type { Position } from './model/position.ts';
export type { Authenticate, AuthenticatedCaller, Credentials } from './config/authenticate.ts';
export type { ApiKey, IdentitySettings, JwtSettings } from './config/identity-settings.ts';
/** For `headgate.config.ts`: `export default { … } satisfies Config`. */
export type { Config } from './config/options.ts';
