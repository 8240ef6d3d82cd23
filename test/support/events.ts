import { onTestFinished } from 'vitest';

/** Reads the events of an SSE response as a browser would. */
export class Events {
  readonly events: { readonly event: string; readonly data: string }[] = [];
  readonly comments: string[] = [];
  ended = false;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(response: Response) {
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader();
    onTestFinished(() => this.#reader.cancel().catch(() => {}));
    void this.#read();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith(':')) this.comments.push(block.slice(1).trim());
        else {
          const fields = new Map(
            block
              .split('\n')
              .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
          );
          this.events.push({ event: fields.get('event') ?? '', data: fields.get('data') ?? '' });
        }
      }
    }
    this.ended = true;
  }

  async at(index: number): Promise<{ event: string; payload: unknown }> {
    while (this.events.length <= index) await new Promise((resolve) => setTimeout(resolve, 2));
    const { event, data } = this.events[index] ?? { event: '', data: '' };
    return { event, payload: data === '' ? undefined : JSON.parse(data) };
  }

  /** The last event, once the response has ended. */
  async last(): Promise<{ event: string; payload: unknown }> {
    while (!this.ended) await new Promise((resolve) => setTimeout(resolve, 2));
    return this.at(this.events.length - 1);
  }

  stop(): Promise<void> {
    return this.#reader.cancel();
  }
}
