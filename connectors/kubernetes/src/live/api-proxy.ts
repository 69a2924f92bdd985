import { type BreakableProxy, openBreakableProxy } from '@countersign/testing';
import { adminAccess } from './admin.ts';

/** A TCP proxy in front of the API server, to count its connections and to break them. TLS passes through it. */
export interface ApiProxy extends BreakableProxy {
  readonly url: string;
}

/** Puts a proxy before the API server of the tests. */
export async function apiProxy(): Promise<ApiProxy> {
  const { hostname, port: upstream } = new URL(adminAccess().server);
  const { proxy, port } = await openBreakableProxy(
    { host: '127.0.0.1', port: 0 },
    { host: hostname, port: Number(upstream) },
  );
  return { ...proxy, url: `https://127.0.0.1:${port}` };
}
