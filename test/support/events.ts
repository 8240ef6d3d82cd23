import { onTestFinished } from 'vitest';
import { Arrival } from './arrival.ts';

/** Reads the events of an SSE response as a browser would. */
export class Events {
  readonly events: { readonly event: string; readonly data: string }[] = [];
  readonly comments: string[] = [];
  /** Told of every event and comment, and of the end. */
  readonly arrival = new Arrival();
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
      this.arrival.tell();
    }
    this.ended = true;
    this.arrival.tell();
  }

  async at(index: number): Promise<{ event: string; payload: unknown }> {
    await this.arrival.until(() => this.events.length > index);
    const { event, data } = this.events[index] ?? { event: '', data: '' };
    return { event, payload: data === '' ? undefined : JSON.parse(data) };
  }

  /** The last event, once the response has ended. */
  async last(): Promise<{ event: string; payload: unknown }> {
    await this.arrival.until(() => this.ended);
    return this.at(this.events.length - 1);
  }

  stop(): Promise<void> {
    return this.#reader.cancel();
  }
}
