/** Every limit has a setting of the same name; an error names both. */
export interface QueryLimits {
  /** Rows that one field may look at without an index. Default 10,000. */
  readonly scanLimit: number;
  /** Characters of a document. Default 10,000. */
  readonly maxDocumentLength: number;
  /** Tokens of a document. Default 1,000. */
  readonly maxTokens: number;
  /** Offset of a list. Default 10,000. */
  readonly maxOffset: number;
  /** Rows that one operation may read in all, relations included. Default 200,000. */
  readonly maxRowsRead: number;
  /** Conditions of an operation's filters and orders, 20 values of a list counted as one. Default 1,000. */
  readonly maxConditions: number;
  /** Fields that an operation may ask for, those of a list for each of the rows that it may have. Default 100,000. */
  readonly maxCost: number;
  /** Bytes of an answer. Default 10,000,000. */
  readonly maxResponseBytes: number;
  /** Time that executing one operation may take, ms. Default 5,000. */
  readonly queryTimeoutMs: number;
}
