/** An expression that means nothing. The message is written for whoever wrote the expression. */
export class ExpressionMistake extends Error {
  override readonly name = 'ExpressionMistake';
  /** Where in the text of the expression, in UTF-16 units from 0. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
