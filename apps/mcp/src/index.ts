export type { McpOptions } from './transport/options.ts';
export { type McpHttpOptions, type RunningMcp, startMcpHttp } from './transport/serve-http.ts';
export { startMcpStdio } from './transport/serve-stdio.ts';
