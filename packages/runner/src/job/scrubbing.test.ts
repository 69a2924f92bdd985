import { ConnectorError, type ReadResult } from '@countersign/connector-kit';
import type { CompleteRequest } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { jobOf, openIntent } from '../fixture/fake-job.ts';
import { play } from '../fixture/scripted-work.ts';

const secret = 'S3cr3t/Pa55+word';
const base64 = Buffer.from(`x${secret}`).toString('base64');
const spellings = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('hex'), base64.slice(2, 22)];
const withSecret = (kind: 'plan' | 'run' | 'read' | 'reconcile') =>
  jobOf(1, { kind, secrets: [secret], intent: kind === 'reconcile' ? openIntent(0) : null });
const spilt = `it is ${spellings.join(' or ')}`;
const leak = new ConnectorError('E_TARGET_REFUSED', spilt, { effect: 'none', detail: { [spilt]: [spilt] } });

function expectClean(said: unknown): void {
  const text = JSON.stringify(said);
  for (const spelling of spellings) expect(text).not.toContain(spelling);
  expect(text).toContain('[secret]');
}
const contentOf = (request: CompleteRequest | undefined): string =>
  request?.kind === 'read' ? Buffer.from(request.artifacts[0]?.content_base64 ?? '', 'base64').toString() : '';

describe('a secret of the job stays out of', () => {
  it('errors of every kind of job', async () => {
    const fail = () => Promise.reject(leak);
    for (const kind of ['plan', 'run', 'read'] as const) {
      const { completed } = await play(withSecret(kind), { target: { plan: fail, observe: fail, read: fail } });
      expectClean(completed);
    }
  });

  it('a plan: diffs, checks, observations, texts that stand as keys', async () => {
    const { completed } = await play(withSecret('plan'), {
      target: {
        plan: async () => ({
          identity: 'fake:1',
          preconditions: [],
          diffs: [{ step: 0, path: 'r', summary: spilt, patch: `+${spilt}` }],
          checks: [{ id: 'c', status: 'pass', severity: 'info', message: spilt }],
          rollback: {
            possible: true,
            summary: spilt,
            steps: [{ action: 'fake.set', inputs: { [spilt]: 1 }, undoes: 0 }],
          },
          volatile: [{ label: spilt, value: spilt }],
        }),
      },
    });
    expectClean(completed);
    // Scrubbed steps would write the mark where the secret was.
    expect(completed[0]).toMatchObject({ result: { rollback: { possible: false } } });
  });

  it('states before and after, output, progress and the reading back', async () => {
    const played = await play(withSecret('run'), {
      target: {
        before: async () => ({ spilt }),
        apply: async (_step, _before, _guard, context) => {
          for (const letter of spilt) await context.output('stdout', letter);
          context.progress(spilt);
          return { after: { spilt }, guard: null };
        },
        verify: async () => ({ spilt }),
      },
    });
    expectClean(played.output);
    expectClean(played.outcomes);
    expect(played.completed[0]).toMatchObject({ result: 'succeeded' });
  });

  it('a summary and the content of artifacts', async () => {
    const read: ReadResult = {
      summary: { spilt },
      artifacts: [{ name: 'log', mediaType: 'text/plain', content: Buffer.from(spilt), truncated: true }],
    };
    const { completed } = await play(withSecret('read'), {
      action: { effect: 'read' },
      target: { read: async () => read },
    });
    expectClean(completed);
    expectClean(contentOf(completed[0]));
    expect(completed[0]).toMatchObject({ result: 'succeeded', artifacts: [{ truncated: true }] });
  });

  it('what a reconcile finds', async () => {
    const { completed } = await play(withSecret('reconcile'), {
      target: { reconcile: async () => ({ answer: 'applied', after: { spilt }, guard: null }) },
    });
    expectClean(completed);
  });
});

describe('what is no secret passes unchanged', () => {
  it('artifacts of any bytes', async () => {
    const content = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const artifacts = [{ name: 'bytes', mediaType: 'application/octet-stream', content, truncated: false }];
    const { completed } = await play(withSecret('read'), {
      action: { effect: 'read' },
      target: { read: async () => ({ summary: {}, artifacts }) },
    });
    const [request] = completed;
    const sent = request?.kind === 'read' ? request.artifacts[0]?.content_base64 : undefined;
    expect(sent).toBe(Buffer.from(content).toString('base64'));
  });
});

describe('a read', () => {
  it('whose output was cut says so in its summary', async () => {
    const { completed, output } = await play(jobOf(1, { kind: 'read' }), {
      action: { effect: 'read', outputCapBytes: 4 },
      target: {
        read: async (_step, { output: write }) => {
          const more = await write('stdout', 'longer than four\n');
          return { summary: { more }, artifacts: [] };
        },
      },
    });
    expect(completed[0]).toMatchObject({ result: 'succeeded', summary: { more: false, truncated: true } });
    expect(output.at(-1)).toEqual({ type: 'truncated', step: 0, cap_bytes: 4, dropped_bytes: 13 });
  });

  it('that is cancelled and answers with what it has keeps it, and is no success', async () => {
    const { completed } = await play(jobOf(1, { kind: 'read', lease_ms: 600 }), {
      port: { heartbeat: async () => ({ lease_ms: 600, cancel: true, panic: false }) },
      target: {
        read: async (_step, { signal }) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          return { summary: { lines: 3 }, artifacts: [] };
        },
      },
    });
    expect(completed).toMatchObject([{ result: 'cancelled', summary: { lines: 3 } }]);
  });

  it('that is cancelled closes at once', async () => {
    const { log, completed } = await play(jobOf(1, { kind: 'read', lease_ms: 600 }), {
      port: { heartbeat: async () => ({ lease_ms: 600, cancel: true, panic: false }) },
      target: {
        read: async (_step, { signal }) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          throw new ConnectorError('E_CANCELLED', 'closed', { effect: 'none' });
        },
      },
    });
    expect(log).toEqual(['complete read cancelled']);
    expect(completed[0]).toMatchObject({ failure: { code: 'E_CANCELLED' } });
  });
});

describe('a reconcile', () => {
  it('never applies, and leaves the doubt where the target cannot be read', async () => {
    const job = jobOf(1, { kind: 'reconcile', intent: openIntent(0) });
    const down = await play(job, { target: { reconcile: () => Promise.reject(new Error('down')) } });
    expect(down.log).toEqual(['reconcile 0', 'complete reconcile indeterminate']);
    const lost = await play({ ...job, intent: null });
    expect(lost.log).toEqual(['complete reconcile indeterminate']);
    expect([...down.effects, ...lost.effects]).toEqual([]);
  });
});
