import type { Client } from '@countersign/client';
import type { OperationView, ProposeRequest } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import type { Tier } from './open-server.ts';

/** A proposal that writes files (path to content; null deletes) into a tier's repository. */
export function writeFiles(
  tier: Tier,
  files: Readonly<Record<string, string | null>>,
  message = 'Change the configuration',
): Pick<ProposeRequest, 'target' | 'steps'> {
  const inputs = {
    message,
    files: Object.entries(files).map(([path, content]) =>
      content === null ? { path, delete: true } : { path, content },
    ),
  };
  return { target: `shop-${tier}`, steps: [{ action: 'repo.write_files', inputs }] };
}

/** The digest of the plan that is there. */
export function digestOf(operation: OperationView): string {
  const digest = operation.plan?.digest;
  if (digest === null || digest === undefined) {
    throw new Error(`${operation.op_id} has no plan: ${JSON.stringify(operation.plan?.error ?? operation.display)}`);
  }
  return digest;
}

/** Proposes and waits for the plan. */
export async function propose(client: Client, body: ProposeRequest): Promise<OperationView> {
  return await client.call('opsPlan', { body, preferWaitSeconds: 30 });
}

/** Reads an operation, which also shows its plan to the reader. */
export async function show(client: Client, opId: string): Promise<OperationView> {
  return await client.call('opsGet', { params: { op_id: opId } });
}

/** Waits until an operation looks as wanted. */
export async function until(
  client: Client,
  opId: string,
  what: string,
  wanted: (operation: OperationView) => boolean,
): Promise<OperationView> {
  return await waitUntil(`${opId} ${what}`, async () => {
    const operation = await show(client, opId);
    return wanted(operation) && operation;
  });
}

/** Starts a run and waits until it has ended. */
export async function runToEnd(client: Client, operation: OperationView): Promise<OperationView> {
  await client.call('opsExecute', { body: { op_id: operation.op_id, digest: digestOf(operation) } });
  return await until(client, operation.op_id, 'ended', ({ state }) => state === 'closed');
}

/** Waits until the bundle of an ended run is anchored in the audit log. */
export async function anchored(client: Client, opId: string): Promise<OperationView> {
  return await until(client, opId, 'anchored', ({ evidence }) => evidence === 'anchored');
}

/** Looks at the plan and approves it. */
export async function approve(client: Client, opId: string): Promise<OperationView> {
  const operation = await show(client, opId);
  return await client.call('opsApprove', { params: { op_id: opId }, body: { digest: digestOf(operation) } });
}

/** The requester confirms the plan with the token that comes with it. */
export async function confirm(client: Client, { op_id }: Pick<OperationView, 'op_id'>): Promise<OperationView> {
  const { digest, confirmation } = await client.call('opsConfirmation', { params: { op_id }, body: {} });
  return await client.call('opsConfirm', { params: { op_id }, body: { digest, confirmation } });
}
