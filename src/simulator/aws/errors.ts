/** What a simulated service answers instead of a result: AWS's wire error code, HTTP status and text. */
export class SimulatedError extends Error {
  readonly code: string;
  readonly status: number;

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
