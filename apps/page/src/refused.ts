/** What the server refused, by its own code and words; `page.unreachable` where there was no answer. */
export class Refused extends Error {
  readonly code: string;
  readonly next: string;
  readonly requestId: string;
  constructor(code: string, message: string, next = '', requestId = '') {
    super(message);
    this.code = code;
    this.next = next;
    this.requestId = requestId;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What an answer other than success says. */
export function refusalOf(status: number, body: unknown): Refused {
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {};
  const detail = isObject(error['detail']) ? error['detail'] : {};
  const message = textOf(error['message']) || `the server answered ${status}`;
  const requestId = isObject(body) ? textOf(body['request_id']) : '';
  return new Refused(textOf(error['code']) || `HTTP ${status}`, message, textOf(detail['next']), requestId);
}

/** Whether an error is the server's refusal with one of these codes. */
export function isRefused(error: unknown, ...codes: readonly string[]): error is Refused {
  return error instanceof Refused && codes.includes(error.code);
}
