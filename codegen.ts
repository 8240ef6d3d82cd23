import type { CodegenConfig } from '@graphql-codegen/cli';

// The configuration language gives the types with which `src/config` reads directives.
const config: CodegenConfig = {
  schema: 'schema/headgate.graphql',
  generates: {
    'src/config/directives.generated.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        immutableTypes: true,
        maybeValue: 'T | undefined',
        strictScalars: true,
        avoidOptionals: { defaultValue: true },
        // As `config/arguments.ts` reads them: durations in ms, sizes in bytes, field sets split, literals as nodes.
        scalars: {
          DateTime: 'string',
          Date: 'string',
          BigInt: 'string',
          Decimal: 'string',
          JSON: 'unknown',
          Bytes: 'string',
          UUID: 'string',
          Duration: 'number',
          FieldSet: 'readonly string[]',
          ByteSize: 'number',
          WhereLiteral: 'graphql#ValueNode',
          DefaultLiteral: 'graphql#ValueNode',
        },
      },
    },
  },
};

export default config;
