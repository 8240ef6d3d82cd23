import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page, WebSocket } from 'playwright-core';
import { inject } from 'vitest';

/** A page, and all that it was told: what it shows can be compared with it. */
export interface WatchedPage {
  readonly page: Page;
  /** The data of the newest answer to the operation of this name. */
  newest(operation: string): Record<string, unknown> | undefined;
  /** Of all its answers, oldest first. */
  all(operation: string): readonly Record<string, unknown>[];
  /** What the page wrote to the console as an error or a warning, and what it threw, since the last call. */
  complaints(): readonly string[];
}

/** Where there is none, the lane is skipped. */
export const haveBrowser = (): boolean => inject('chromium') !== '';

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: inject('chromium'),
    // Chromium's sandbox does not run as root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions): Promise<WatchedPage> {
  const page = await browser.newPage(options);
  const answers = new Map<string, Record<string, unknown>[]>();
  let complaints: string[] = [];
  page.on('websocket', (socket) => listen(socket, answers));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return {
    page,
    newest: (operation) => answers.get(operation)?.at(-1),
    all: (operation) => answers.get(operation) ?? [],
    complaints() {
      const told = complaints;
      complaints = [];
      return told;
    },
  };
}

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: { readonly operationName?: string; readonly data?: Record<string, unknown> };
}

/** Every frame of the socket, as the browser itself sent and received it. */
function listen(socket: WebSocket, answers: Map<string, Record<string, unknown>[]>): void {
  const names = new Map<string, string>();
  const parse = (payload: string | Buffer): Message => JSON.parse(payload.toString()) as Message;
  socket.on('framesent', ({ payload }) => {
    const { id = '', type, payload: request } = parse(payload);
    if (type === 'subscribe') names.set(id, request?.operationName ?? '');
  });
  socket.on('framereceived', ({ payload }) => {
    const { id = '', type, payload: result } = parse(payload);
    if (type !== 'next' || result?.data === undefined) return;
    const name = names.get(id) ?? '';
    const earlier = answers.get(name);
    if (earlier === undefined) answers.set(name, [result.data]);
    else earlier.push(result.data);
  });
}
