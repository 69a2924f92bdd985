import { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

const draining = new WeakSet<FastifyInstance>();
/** Long enough for a request that is on its way over a connection that was kept alive. */
const graceMs = 500;
/** A client that stopped in the middle of a request cannot hold the server longer. */
const patienceMs = 5000;

/** While a server drains, each answer is the last of its connection. */
export function isDraining(app: FastifyInstance): boolean {
  return draining.has(app);
}

/** Closes a server so that whoever was let in gets an answer: no new connections, then the last answers, then the end. */
export async function closeServer(app: FastifyInstance): Promise<void> {
  draining.add(app);
  // Of `http.Server`, close() would at once cut connections on which a request is on its way.
  if (app.server.listening) Server.prototype.close.call(app.server);
  await sleep(graceMs);
  const impatient = setTimeout(() => app.server.closeAllConnections(), patienceMs);
  try {
    await app.close();
  } finally {
    clearTimeout(impatient);
  }
}
