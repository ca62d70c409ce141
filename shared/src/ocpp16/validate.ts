import { FormatRegistry, type TSchema } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors';
import { codeOfFault, type Fault, OcppError } from './errors.ts';
import { isTimestamp } from './timestamp.ts';

FormatRegistry.Set('date-time', isTimestamp);
FormatRegistry.Set('uri', (text) => URL.canParse(text));

/** One thing wrong with a payload. `path` is a JSON pointer, `` for the payload itself. */
export type Violation = { readonly path: string; readonly fault: Fault; readonly message: string };

/** The violations of a payload, one per path, or undefined when it is valid. */
export type Validate = (payload: unknown) => readonly Violation[] | undefined;

/** More than any firmware needs to deviate in one message; past it a payload is refused whoever sent it. */
const MOST_VIOLATIONS = 1000;

// ajv's multipleOfPrecision 6: 16.1 is a multiple of 0.1, though not in binary fractions.
const MULTIPLE_TOLERANCE = 1e-6;

/** A validator for the schema; compiled at first use and kept. */
export function compileOnce(schema: TSchema): Validate {
  let check: TypeCheck<TSchema> | undefined;
  return (payload) => {
    check ??= TypeCompiler.Compile(schema);
    return check.Check(payload) ? undefined : violations(check, payload);
  };
}

/** The CALLERROR for a violation; the description names the field. */
export function violationError(violation: Violation): OcppError {
  const field = violation.path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~') || 'payload';
  return new OcppError(codeOfFault[violation.fault], `${field}: ${violation.message}`, { field });
}

// The compiled check is strict where a schema is not, and fast; only what it refuses is looked at again here.
function violations(check: TypeCheck<TSchema>, payload: unknown): Violation[] | undefined {
  const found: Violation[] = [];
  const paths = new Set<string>();
  let allowed = 0;
  for (const error of check.Errors(payload)) {
    if (isAllowed(error)) {
      allowed += 1;
      continue;
    }
    // A missing field is also reported as one of the wrong type: the first report per path is the reason.
    if (paths.has(error.path)) continue;
    if (found.length === MOST_VIOLATIONS)
      return [...found, { path: '', fault: 'type', message: 'too many violations' }];
    paths.add(error.path);
    found.push({ path: error.path, fault: faultOf(error), message: error.message });
  }
  if (found.length > 0) return found;
  // Refused for no reason given: refused all the same.
  return allowed > 0 ? undefined : [{ path: '', fault: 'type', message: 'the payload is not valid' }];
}

function isAllowed({ type, value, schema }: ValueError): boolean {
  if (type === ValueErrorType.StringMaxLength) {
    // A length in JSON Schema counts characters, not the halves JavaScript makes of those outside the basic plane.
    return typeof value === 'string' && value.length <= 2 * schema.maxLength && [...value].length <= schema.maxLength;
  }
  if (type === ValueErrorType.NumberMultipleOf) {
    const times = Number(value) / schema.multipleOf;
    return Math.abs(Math.round(times) - times) <= MULTIPLE_TOLERANCE;
  }
  return false;
}

function faultOf(error: ValueError): Fault {
  if (error.value === null && error.type !== ValueErrorType.ObjectAdditionalProperties) return 'null';
  switch (error.type) {
    case ValueErrorType.ObjectRequiredProperty:
      return 'missing';
    case ValueErrorType.ObjectAdditionalProperties:
      return 'extra';
    case ValueErrorType.StringMaxLength:
      return 'too-long';
    case ValueErrorType.StringFormat:
      return 'format';
    case ValueErrorType.ArrayMinItems:
      return 'too-few';
    case ValueErrorType.Literal:
    case ValueErrorType.StringPattern:
    case ValueErrorType.NumberMinimum:
    case ValueErrorType.NumberMaximum:
    case ValueErrorType.NumberMultipleOf:
    case ValueErrorType.IntegerMinimum:
    case ValueErrorType.IntegerMaximum:
      return 'value';
    case ValueErrorType.Union:
      // A union is an enumeration of words here, or an id that may be a big integer.
      return typeof error.value === 'string' && isEnumeration(error.schema) ? 'value' : 'type';
    default:
      return 'type';
  }
}

function isEnumeration(schema: TSchema): boolean {
  return Array.isArray(schema.anyOf) && schema.anyOf.every((option: TSchema) => typeof option.const === 'string');
}
