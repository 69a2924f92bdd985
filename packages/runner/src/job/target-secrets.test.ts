import { ConnectorError } from '@countersign/connector-kit';
import type { Json, PlannedContent } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { approvalOf, digestOf, jobOf, plan } from '../fixture/fake-job.ts';
import { play } from '../fixture/scripted-work.ts';

const standing = 'hunter2-hunter2';
const keyLine = 'TUlJRXZRSUJBREFOQmdrcWhraUc5dzBC';
const key = ['-----BEGIN PRIVATE KEY-----', keyLine, '-----END PRIVATE KEY-----'];
const log = `starts\nDB_PASSWORD=${standing}\n${key.join('\n')}\nready\n`;

function expectClean(said: unknown): void {
  const text = JSON.stringify(said);
  for (const secret of [standing, keyLine]) expect(text).not.toContain(secret);
  expect(text).toContain('[secret]');
}

describe('a credential of the target that no input named stays out of', () => {
  const patch = `@@ -1,4 +1,4 @@\n-password=${standing}\n+password=x\n${key.map((line) => ` ${line}`).join('\n')}`;
  const planned: PlannedContent = {
    identity: `repo:https://bot:${standing}@host/x`,
    preconditions: [
      {
        resource: `config password=${standing}`,
        kind: 'k',
        fingerprint: digestOf('a'),
        observed: { env: { DB_PASSWORD: standing } },
      },
    ],
    diffs: [{ step: 0, path: 'r', summary: 'set', patch }],
    checks: [],
    rollback: { possible: false, reason: 'none' },
    volatile: [],
  };

  it('a plan, whose patch keeps its lines, and the run sees the same target again', async () => {
    const { completed } = await play(jobOf(1, { kind: 'plan' }), { target: { plan: async () => planned } });
    expectClean(completed);
    const [told] = completed;
    if (told?.kind !== 'plan' || 'error' in told.result) throw new Error('no plan was made');
    const { diffs, preconditions, identity } = told.result;
    expect(diffs[0]?.patch.split('\n')).toHaveLength(patch.split('\n').length);
    const approved = { ...plan, target: { ...plan.target, identity }, preconditions };
    const observe = async () => ({ ...planned, guard: null });
    const run = await play(jobOf(1, approvalOf(jobOf(1).steps, approved)), { target: { observe } });
    expect(run.completed[0]).toMatchObject({ result: 'succeeded' });
    const moved = planned.preconditions.map((known) => ({ ...known, fingerprint: digestOf('b') }));
    const stale = await play(jobOf(1, approvalOf(jobOf(1).steps, approved)), {
      target: { observe: async () => ({ ...planned, preconditions: moved, guard: null }) },
    });
    expect(stale.completed[0]).toMatchObject({ result: 'stale' });
    expectClean(stale.completed);
  });

  it('what a run streams and reads back', async () => {
    const played = await play(jobOf(1), {
      target: {
        before: async () => ({ log }),
        apply: async (_step, _before, _guard, { output }) => {
          for (const letter of log) await output('stdout', letter);
          return { after: { log }, guard: null };
        },
        verify: async (): Promise<Json> => ({
          last_log_lines: log.split('\n').slice(0, 2),
          env: { API_KEY: standing },
        }),
      },
    });
    expectClean(played.output);
    expectClean(played.outcomes);
    const text = played.output.map((event) => (event.type === 'output' ? event.text : '')).join('');
    expect(text.split('\n')).toHaveLength(log.split('\n').length);
  });

  it('artifacts, summaries and errors', async () => {
    const artifacts = [{ name: 'log', mediaType: 'text/plain', content: Buffer.from(log), truncated: false }];
    const { completed } = await play(jobOf(1, { kind: 'read' }), {
      target: { read: async () => ({ summary: { tail: log, password: standing }, artifacts }) },
    });
    expectClean(completed);
    const content = completed[0]?.kind === 'read' ? (completed[0].artifacts[0]?.content_base64 ?? '') : '';
    expectClean(Buffer.from(content, 'base64').toString());
    const error = new ConnectorError('E_TARGET_REFUSED', log, { detail: { said: `{"password":"${standing}"}` } });
    const failed = await play(jobOf(1, { kind: 'read' }), { target: { read: () => Promise.reject(error) } });
    expectClean(failed.completed);
  });
});

it('a secret of other letters than ASCII stays out of artifacts, of UTF-8 and of any bytes', async () => {
  const secret = 'pässwört-à-la-carte';
  for (const tail of [Buffer.from('ende'), Buffer.from([0xff, 0xfe])]) {
    const content = Buffer.concat([Buffer.from(`vor ${secret} nach `), tail]);
    const artifacts = [{ name: 'log', mediaType: 'text/plain', content, truncated: false }];
    const { completed } = await play(jobOf(1, { kind: 'read', secrets: [secret] }), {
      target: { read: async () => ({ summary: {}, artifacts }) },
    });
    const sent = completed[0]?.kind === 'read' ? (completed[0].artifacts[0]?.content_base64 ?? '') : '';
    expect(Buffer.from(sent, 'base64')).toEqual(Buffer.concat([Buffer.from('vor [secret] nach '), tail]));
  }
});
