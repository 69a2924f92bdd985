import { type BreakableProxy, openBreakableProxy } from './breakable-proxy.ts';

/** A Unix socket in front of the daemon's, to count its connections and to break them. */
export interface SocketProxy extends BreakableProxy {
  readonly path: string;
}

/** Puts a proxy at `path` before the socket `upstream`. */
export async function proxySocket(path: string, upstream: string): Promise<SocketProxy> {
  const { proxy } = await openBreakableProxy({ path }, { path: upstream });
  return { ...proxy, path };
}
