/** What a simulated service answers instead of a result: AWS's wire error code, HTTP status and text. */
export class SimulatedError extends Error {
  readonly code: string;
  readonly status: number;
  /** Set when the refused call was recorded. */
  requestId: string | undefined;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** The call was carried out but its answer never arrives: the connection is closed instead. */
export class LostAnswer extends Error {
  constructor() {
    super('The connection was closed before an answer arrived');
    this.name = 'LostAnswer';
  }
}

export const validationError = (message: string): SimulatedError =>
  new SimulatedError('ValidationError', message);

/** Anything else that was thrown is a mistake of the simulator; it answers as AWS would for a mistake of its own. */
export function asSimulatedError(error: unknown): SimulatedError {
  if (error instanceof SimulatedError) return error;
  if (error instanceof SyntaxError) return new SimulatedError('SerializationException', error.message);
  return new SimulatedError(
    'InternalFailure',
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    500,
  );
}
