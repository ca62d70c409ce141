/**
 * CALLERROR codes in the spelling of OCPP-J 1.6, misspellings included. [OCPP-J 1.6, 4.2.3]
 */
export type ErrorCode =
  | 'NotImplemented'
  | 'NotSupported'
  | 'InternalError'
  | 'ProtocolError'
  | 'SecurityError'
  | 'FormationViolation'
  | 'PropertyConstraintViolation'
  | 'OccurenceConstraintViolation'
  | 'TypeConstraintViolation'
  | 'GenericError';

/** What a validator found wrong, before it has a code. */
export type Fault = 'missing' | 'null' | 'extra' | 'type' | 'too-long' | 'format' | 'too-few' | 'value';

/**
 * The one table from faults to codes. A field that is absent violates its occurrence, one of the wrong
 * type or length its type, one outside its enumeration or pattern its property, one that nobody
 * defined the formation. [OCPP-J 1.6, 4.2.3]
 */
export const codeOfFault: Readonly<Record<Fault, ErrorCode>> = {
  missing: 'OccurenceConstraintViolation',
  'too-few': 'OccurenceConstraintViolation',
  null: 'TypeConstraintViolation',
  type: 'TypeConstraintViolation',
  'too-long': 'TypeConstraintViolation',
  format: 'TypeConstraintViolation',
  value: 'PropertyConstraintViolation',
  extra: 'FormationViolation',
};

/** A protocol fault. Thrown anywhere below a Call, it becomes that Call's CALLERROR in one place. */
export class OcppError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, description: string, details: Readonly<Record<string, unknown>> = {}) {
    super(description);
    this.name = 'OcppError';
    this.code = code;
    this.details = details;
  }
}
