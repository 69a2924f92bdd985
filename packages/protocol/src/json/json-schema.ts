import { z } from 'zod';
import { JsonObject } from '../scalar/scalar.ts';

/** The JSON Schema (draft 2020-12) of what a schema takes. */
export function jsonSchemaOf(schema: z.ZodType): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return JsonObject.parse(rest);
}
