import { execFileSync } from 'node:child_process';
import { type Colors, renderDiff, renderVerdict } from '@countersign/cli/render';
import { type Client, connect } from '@countersign/client';
import type { OperationView } from '@countersign/protocol';
import type { RunningServer } from '../serve/serve.ts';
import { version } from '../version.ts';

/** Everything a scene needs: the server, three people's connections, and a way to tell the story. */
export interface Stage {
  readonly server: RunningServer;
  readonly colors: Colors;
  /** Proposes; role actions. */
  readonly requester: Client;
  /** Another person; role approver. */
  readonly approver: Client;
  say(text: string): void;
}

/** A connection for a person with a role of their own. */
export async function personOf(
  server: RunningServer,
  admin: Client,
  name: string,
  role: 'actions' | 'approver',
): Promise<Client> {
  const { token } = await admin.call('tokenCreate', { body: { name, kind: 'person', role } });
  return connect({ url: server.url, token, userAgent: `countersign-demo/${version}` });
}

/** Proposes one file on a sandbox target, and shows the plan. */
export async function proposeFile(
  stage: Stage,
  target: string,
  path: string,
  content: string,
  message: string,
): Promise<OperationView> {
  const operation = await stage.requester.call('opsPlan', {
    body: { target, steps: [{ action: 'repo.write_files', inputs: { files: [{ path, content }], message } }] },
  });
  showPlan(stage, operation);
  return operation;
}

/** Prints the exact change, the failing checks if any, and the verdict. */
export function showPlan(stage: Stage, operation: OperationView): void {
  const { colors } = stage;
  for (const diff of operation.diffs) stage.say(indent(renderDiff(diff, colors)));
  const failing = operation.checks.filter((check) => check.status === 'fail');
  stage.say(
    `  checks   ${failing.length === 0 ? colors.green(`${operation.checks.length} of ${operation.checks.length} pass`) : colors.red(failing.map((check) => check.message).join('; '))}`,
  );
  stage.say(`  digest   ${digestOf(operation).slice(0, 23)}…`);
  stage.say(`  verdict  ${renderVerdict(operation, colors).split('\n')[0] ?? ''}`);
}

/** The digest of the plan that is shown. */
export function digestOf(operation: OperationView): string {
  const digest = operation.plan?.digest;
  if (digest === null || digest === undefined)
    throw new Error(`the plan failed: ${operation.plan?.error?.message ?? 'no plan'}`);
  return digest;
}

/** Starts an operation and follows it to its end. */
export async function runToEnd(stage: Stage, operation: OperationView): Promise<OperationView> {
  await stage.requester.call('opsExecute', { body: { op_id: operation.op_id, digest: digestOf(operation) } });
  for await (const { event } of stage.requester.events(operation.op_id)) {
    if (event.type === 'state' && event.subject.startsWith('step'))
      stage.say(stage.colors.dim(`  ${event.subject}: ${event.state}`));
    if (event.type === 'output') stage.say(stage.colors.dim(indent(event.text.trimEnd())));
  }
  const ended = await stage.requester.call('opsGet', { params: { op_id: operation.op_id } });
  const paint = ended.display === 'succeeded' ? stage.colors.green : stage.colors.red;
  stage.say(`  outcome  ${paint(ended.display)}${ended.run?.failure == null ? '' : `: ${ended.run.failure.message}`}`);
  return ended;
}

/** Indents every line by two spaces. */
export function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

/** Runs git in a sandbox repository, as somebody with shell access would. */
export function gitIn(folder: string, ...args: string[]): string {
  const who = ['-c', 'user.name=Somebody with a shell', '-c', 'user.email=shell@countersign.invalid'];
  return execFileSync('git', ['-C', folder, ...who, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}
