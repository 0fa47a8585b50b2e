import * as v from 'valibot';

/** A schema with a text that its JSON Schema has, too. */
export function described<T extends v.GenericSchema>(
  schema: T,
  text: string,
): v.SchemaWithPipe<readonly [T, v.DescriptionAction<v.InferOutput<T>, string>]> {
  return v.pipe(schema, v.description(text));
}
