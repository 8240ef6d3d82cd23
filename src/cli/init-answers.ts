/** What a project is made from: as flags say, or who was asked. */
export interface InitAnswers {
  readonly topics: readonly string[];
  readonly files: readonly string[];
  /** Topics are looked at in Kafka. */
  readonly kafka: boolean;
  /** It gets a page. */
  readonly page: boolean;
}
