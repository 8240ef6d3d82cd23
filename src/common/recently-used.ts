/** Values by texts: those used most recently, so many at most, and with texts of so many characters in all. */
export class RecentlyUsed<Value> {
  // A Map keeps the order of insertion: the first is the one not used for longest.
  readonly #values = new Map<string, Value>();
  readonly #most: number;
  readonly #mostCharacters: number;
  #characters = 0;
  /** What was used last: nearly always what is used again. */
  #newest: string | undefined;

  constructor(most: number, mostCharacters: number) {
    this.#most = most;
    this.#mostCharacters = mostCharacters;
  }

  has(text: string): boolean {
    return this.#values.has(text);
  }

  /** Counts as a use. */
  get(text: string): Value | undefined {
    const value = this.#values.get(text);
    if (value !== undefined && text !== this.#newest) this.set(text, value);
    return value;
  }

  delete(text: string): void {
    if (this.#values.delete(text)) this.#characters -= text.length;
  }

  set(text: string, value: Value): void {
    this.delete(text);
    this.#values.set(text, value);
    this.#newest = text;
    this.#characters += text.length;
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#most && this.#characters <= this.#mostCharacters) return;
      this.delete(oldest);
    }
  }
}
