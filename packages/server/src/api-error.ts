/** What an answer in OpenAI's form says of an error, beside its status. */
export interface ApiErrorDetails {
  /** The parameter it is about. */
  readonly param?: string;
  /** For programs, e.g. "model_not_found". */
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends a request with an answer that OpenAI's clients turn into their error. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly details: ApiErrorDetails;

  constructor(status: number, message: string, details: ApiErrorDetails = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }

  /** As it stands in bodies and events: `{ message, type, param, code }`. */
  toJSON(): Readonly<Record<string, string | null>> {
    const { param = null, code = null } = this.details;
    return { message: this.message, type: typeOf(this.status), param, code };
  }

  toResponse(): Response {
    const { headers = {} } = this.details;
    return Response.json({ error: this }, { status: this.status, headers });
  }
}

function typeOf(status: number): string {
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}
