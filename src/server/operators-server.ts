import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { internalMessage } from '../common/errors.ts';
import { type AdminOptions, answerDrop, dropPath } from './admin.ts';
import { pathOf, refuse } from './responses.ts';

/** `Registry` of prom-client is one. */
interface Metrics {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** For whoever operates Headgate, on a port of its own that is not for clients: Prometheus text under /metrics, and /admin. */
export function createOperatorsServer(metrics: Metrics, admin: AdminOptions): HttpServer {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (pathOf(request)) {
      case '/metrics': {
        const text = await metrics.metrics();
        response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
        return;
      }
      case dropPath:
        return answerDrop(request, response, admin);
      default:
        response.writeHead(404).end();
    }
  }

  return createHttpServer({ joinDuplicateHeaders: true }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!request.destroyed) admin.log.error('a request of an operator failed', { error });
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'INTERNAL', internalMessage);
    });
  });
}
