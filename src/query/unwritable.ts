/** A null where none may be, or a value of another kind than its type: graphql knows where such an error belongs. */
export class Unwritable extends Error {
  override readonly name = 'Unwritable';
}
