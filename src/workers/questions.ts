/** What was asked and has not been answered: by number, since answers come in whatever order. */
export class Questions<Asked> {
  readonly #patienceMs: number;
  readonly #open = new Map<
    number,
    { readonly asked: Asked; readonly resolve: (value: unknown) => void; readonly timer: NodeJS.Timeout }
  >();
  #count = 0;

  /** `patienceMs`: how long an answer is waited for. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** `send` is given its number. Undefined where no answer comes; `silent` is told first, where it is for want of patience. */
  ask(asked: Asked, send: (ask: number) => void, silent: () => void): Promise<unknown> {
    this.#count += 1;
    const ask = this.#count;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        silent();
        this.answered(ask, undefined);
      }, this.#patienceMs);
      this.#open.set(ask, { asked, resolve, timer });
      send(ask);
    });
  }

  answered(ask: number, value: unknown): void {
    const question = this.#open.get(ask);
    this.#open.delete(ask);
    clearTimeout(question?.timer);
    question?.resolve(value);
  }

  /** It will answer nothing more. */
  gone(asked: Asked): void {
    for (const [ask, question] of this.#open) if (question.asked === asked) this.answered(ask, undefined);
  }
}
