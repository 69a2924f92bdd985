import { ApiError } from '@countersign/client';
import { type AuthInfo, bearerAuthChallengeResponse, OAuthError, OAuthErrorCode } from '@modelcontextprotocol/server';
import { makeBridge } from './make-bridge.ts';
import type { McpOptions } from './options.ts';

const refused = (code: OAuthErrorCode, message: string): Response =>
  bearerAuthChallengeResponse(new OAuthError(code, message));

/**
 * Who a request comes from, asked of the installation with each request: its tokens say nothing by themselves, and one that it
 * does not know was meant for somebody else. The token goes to that installation alone.
 */
export async function authenticate(
  options: McpOptions,
  authorization: string | undefined,
): Promise<AuthInfo | Response> {
  const [, token] = /^bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '') ?? [];
  if (token === undefined)
    return refused(OAuthErrorCode.InvalidToken, 'Send a token of the installation as a bearer token.');
  try {
    const { id, scopes } = await makeBridge(options, token).client.call('whoami');
    return { token, clientId: id, scopes: scopes === null ? [] : [...scopes] };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401)
      return refused(OAuthErrorCode.InvalidToken, 'The installation does not know this token, or it has ended.');
    if (error.status === 403) return refused(OAuthErrorCode.InsufficientScope, 'This token may not be used here.');
    options.tell(`${error.code}: ${error.message}`);
    return Response.json({ error: 'temporarily_unavailable' }, { status: 503 });
  }
}
