import { FormatRegistry, type TSchema } from '@sinclair/typebox';
import { compileOnce, type Violation } from '@voltgate/shared/ocpp16/validate.ts';
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import { badRequest, type FieldError, type ProblemError } from './problem.ts';
import { WELL_FORMED } from './schemas.ts';

FormatRegistry.Set(WELL_FORMED, (text) => text.isWellFormed());

/** Makes the routes of `app` validate as the chargers' path does: one reading of a schema for both ends of a command. */
export function validateAsOcpp(app: FastifyInstance): void {
  app.setValidatorCompiler(compiler);
  // Several operations have no field at all; nothing is then the same as {}, also when it is called JSON.
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (text === '') done(null, undefined);
    else void parse(request, text, done);
  });
  app.addHook('preValidation', async (request) => {
    request.body ??= {};
  });
}

const compiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validate = compileOnce(schema);
  return (given: unknown) => {
    // Parameters are text until here; a body is what it says.
    const value = httpPart === 'body' ? given : parametersOf(schema, given);
    const violations = validate(value);
    return violations ? { error: violationProblem(schema, violations) } : { value };
  };
};

/** Parameters as their schema means them: what is no whole number, or neither true nor false, stays text and is refused. */
function parametersOf(schema: TSchema, given: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([name, text]) => {
      const type: unknown = schema.properties?.[name]?.type;
      if (type === 'integer' && /^-?\d+$/.test(text)) return [name, Number(text)];
      if (type === 'boolean' && (text === 'true' || text === 'false')) return [name, text === 'true'];
      return [name, text];
    }),
  );
}

/** The problem that names every wrong field of a value; `within` = the field of the body that holds it, none by default. */
export function violationProblem(schema: TSchema, violations: readonly Violation[], within?: string): ProblemError {
  return badRequest(violations.map((violation) => fieldErrorOf(schema, violation, within)));
}

function fieldErrorOf(schema: TSchema, { path, fault, message }: Violation, within: string | undefined): FieldError {
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const field = [within, ...steps].filter(Boolean).join('.') || 'body';
  if (fault === 'missing') return { field, message: 'is required' };
  if (fault === 'extra') return { field, message: 'is no field of this request' };
  const place = placeAt(schema, steps);
  const words = wordsOf(place);
  if (words) return { field, message: `must be one of ${words.join(', ')}` };
  if (place?.pattern && (fault === 'value' || fault === 'format'))
    return { field, message: 'has characters that are not allowed' };
  return { field, message: `is wrong: ${message.toLowerCase()}` };
}

function placeAt(schema: TSchema, steps: readonly string[]): TSchema | undefined {
  let place: TSchema | undefined = schema;
  for (const step of steps) place = place?.properties?.[step] ?? place?.items;
  return place;
}

/** The values that an enumeration allows, undefined of any other schema. */
function wordsOf(place: TSchema | undefined): readonly unknown[] | undefined {
  const options: readonly TSchema[] = place?.anyOf ?? [];
  const words = options.map(({ type, const: word }): unknown => (type === 'null' ? 'null' : word));
  return words.length > 0 && words.every((word) => word !== undefined) ? words : undefined;
}
