import { authenticate, type Caller } from '@countersign/engine';
import type { Bearer, TestServer } from './open-server.ts';

/** A token's bearer in the server's own process, who proved who they are `agoMs` before now. */
export async function steppedUp(
  { running: { context } }: Pick<TestServer, 'running'>,
  { token }: Pick<Bearer, 'token'>,
  agoMs = 0,
): Promise<Caller> {
  const found = await authenticate(context, token);
  if (!found.ok) throw new Error(found.message);
  return { ...found.value, steppedUpAt: context.clock.now() - agoMs, correlationId: 'stepped-up' };
}
