export type { CallAnswer, CallArguments, CallableRouteId, CallOptions, CallRequest } from './call/call-types.ts';
export { ApiError } from './connection/api-error.ts';
export { Client, type ConnectOptions, connect } from './connection/client.ts';
export type { CredentialSource } from './connection/transport.ts';
export type { NumberedEvent } from './event/event-stream.ts';
export type { FollowOptions } from './event/follow-events.ts';
export { httpWorkerPort } from './worker/http-worker-port.ts';
