import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperationView, RouteId } from '@countersign/protocol';
import { runConsole } from './fake-console.ts';
import { type RouteHandler, startRouteServer } from './route-server.ts';
import {
  sampleAction,
  sampleConfirmation,
  sampleEnded,
  sampleIds,
  sampleOperation,
  sampleVerdict,
} from './sample-operation.ts';

/** The command line that is played. */
const words = ['do', 'repo.write_files', '--env', 'stage', '--write', 'app.conf=limit=2', '-m', 'raise'];
/** The same change where policy wants a confirmation. */
export const needsConfirm = sampleOperation({ verdict: sampleVerdict('needs', [{ kind: 'confirm' }]) });
const events = [
  { type: 'state', subject: 'run', state: 'running' },
  { type: 'output', step: 0, channel: 'stdout', text: 'half\u001b', first_line: 0, line_count: 1 },
  { type: 'output', step: 0, channel: 'stdout', text: ' line\n', first_line: 0, line_count: 1 },
  { type: 'end', state: 'succeeded' },
];
const sse = events.map((event, id) => `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`).join('');

/** Plays `countersign do` against a server whose plan is `planned`; `atEnd` is vitest's `onTestFinished`. */
export async function playDo(
  atEnd: (close: () => void) => void,
  planned: OperationView,
  handlers: Partial<Record<RouteId, RouteHandler>> = {},
) {
  const bodies: Record<string, unknown> = {};
  const keep =
    (name: string, value: unknown): RouteHandler =>
    ({ body }) => {
      bodies[name] = body;
      return value;
    };
  const server = await startRouteServer({
    actions: () => ({ actions: [sampleAction] }),
    opsPlan: keep('plan', planned),
    opsConfirmation: () => sampleConfirmation(),
    opsConfirm: keep('confirm', sampleOperation()),
    opsExecute: keep('execute', { op_id: sampleIds.op, bundle_id: sampleIds.bundle, status: 'running', run_id: 'r_1' }),
    opsEvents: () => sse,
    opsGet: () => sampleEnded('succeeded'),
    ...handlers,
  });
  atEnd(server.close);
  const cwd = mkdtempSync(join(tmpdir(), 'countersign-do-'));
  atEnd(() => rmSync(cwd, { recursive: true, force: true }));
  const env = { COUNTERSIGN_SERVER: server.url };
  const audit = () =>
    readFileSync(join(cwd, 'data/local-audit.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const { phase, command, digest, outcome, bundle_id: bundle } = JSON.parse(line);
        return [phase, command, digest === sampleIds.digest, bundle === sampleIds.bundle, outcome];
      });
  return {
    server,
    bodies,
    cwd,
    audit,
    run: (extra: string[], answers?: (string | null)[]) =>
      runConsole([...words, ...extra], { cwd, env, ...(answers && { answers }) }),
  };
}
