/** A trace id of W3C Trace Context: not all zeros. */
const traceId = /^(?!0{32})[0-9a-f]{32}$/;

function newSpanId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Headers that tie a call to what it belongs to: the request id, and a traceparent where that is a trace's id. */
export function correlationHeaders(correlationId: string | undefined): Record<string, string> {
  if (correlationId === undefined) return {};
  const trace = traceId.test(correlationId) ? { traceparent: `00-${correlationId}-${newSpanId()}-01` } : {};
  return { 'x-request-id': correlationId, ...trace };
}
