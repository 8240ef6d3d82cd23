import { checkSchema } from '../../src/catalog/build.ts';
import { printMistake } from '../../src/common/errors.ts';

/** The mistakes in a schema of these lines, each as `line:column: message`. */
export function mistakesIn(lines: readonly string[]): readonly string[] {
  return checkSchema([{ file: 's.graphql', text: lines.join('\n') }]).mistakes.map((mistake) =>
    printMistake(mistake).replace(/^s\.graphql:/, ''),
  );
}
