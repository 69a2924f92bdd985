import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { localExec, replayedPlanDigest, replayRecord } from '@countersign/connector-kit';
import { type PlanBody, PlannedContent, type ReplayRecord, type ReplayReport } from '@countersign/protocol';
import { makeGitRepository, makeTempFolder } from '@countersign/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { repoConnector } from '../connector.ts';
import { folderDigest } from '../fixture/repo-harness.ts';
import { quietContext, session, write } from '../fixture/session.ts';

const start = { 'a.txt': 'one\ntwo\n', 'bin/run': '#!/bin/sh\n', 'logo.png': 'x\u0000y', 'old.txt': 'old\n' };
const twoSteps = () => [
  write([
    { path: 'a.txt', content: 'one\nTWO\n' },
    { path: 'old.txt', delete: true },
  ]),
  write([{ path: 'logo.png', content_base64: Buffer.from([0, 255, 1]).toString('base64') }], { message: 'logo' }, 1),
];

function digested(plan: PlanBody, steps: ReplayRecord['steps']): ReplayRecord {
  return { plan, plan_digest: replayedPlanDigest(plan), steps };
}

/** A real change of a real repository, recorded as a bundle records it; only the first `applied` steps are run. */
async function recorded(applied = 2) {
  const repository = await makeGitRepository(start);
  onTestFinished(() => repository.remove());
  const { target } = session(repository.path);
  const context = quietContext();
  const steps = twoSteps();
  const planned = PlannedContent.parse(await target.plan(steps, context));
  const done: ReplayRecord['steps'] = [];
  let { guard } = await target.observe(steps, context);
  for (const step of steps) {
    const { index, idempotencyKey: idempotency_key } = step;
    if (index >= applied) {
      done.push({ index, state: 'skipped', idempotency_key, before: null, after: null });
      continue;
    }
    const before = await target.before(step, guard, context);
    const result = await target.apply(step, before, guard, context);
    const after = await target.verify(step, before, result, context);
    done.push({ index, state: 'verified', idempotency_key, before, after });
    guard = result.guard;
  }
  const { identity, volatile: _aged, ...rest } = planned;
  const plan: PlanBody = {
    schema: 'countersign.plan.v1',
    target: { name: 't', project: 'p', environment: 'dev', tier: 'dev', connector: 'repo', identity },
    steps: steps.map(({ index, action, inputs }) => ({ index, action, version: 1, replay: 'exact', inputs })),
    ...rest,
    connector: { name: 'repo', version: '0.1.0', manifest_hash: `sha256:${'0'.repeat(64)}` },
  };
  return { repository, record: digested(plan, done) };
}

const actions = new Map(repoConnector.actions.map((action) => [action.name, action]));

async function replayAt(path: string, record: ReplayRecord): Promise<ReplayReport> {
  const target = repoConnector.connect({ path }, { exec: localExec, now: () => 0 });
  return await replayRecord(target, actions, record, quietContext());
}

const unequal = ({ compared }: ReplayReport): string[] =>
  compared.filter(({ equal }) => !equal).map(({ what, step }) => `${what} @${step}`);

async function clone(from: string, ...options: string[]): Promise<string> {
  const folder = makeTempFolder();
  onTestFinished(() => folder.remove());
  await promisify(execFile)('git', ['clone', '--quiet', ...options, `file://${from}`, `${folder.path}/clone`]);
  return `${folder.path}/clone`;
}

describe('an exact replay (CP-14)', () => {
  it('makes the same trees, files, diffs, digest and commits again, and leaves the target byte for byte', async () => {
    const { repository, record } = await recorded();
    const before = await folderDigest(repository.path);
    const report = await replayAt(repository.path, record);
    expect(unequal(report)).toEqual([]);
    expect(report).toMatchObject({ mode: 'exact', matches: true, steps: [{ replayed: true }, { replayed: true }] });
    const commits = report.compared.filter(({ what }) => what === 'commit').map(({ actual }) => actual);
    expect(commits).toEqual([await repository.git('rev-parse', 'main~1'), await repository.git('rev-parse', 'main')]);
    expect(await folderDigest(repository.path)).toBe(before);
  });

  it('is equal on a clone elsewhere, on a bare one, and where history has gone on or away', async () => {
    const { repository, record } = await recorded();
    await repository.commit({ 'later.txt': 'later\n' });
    expect(unequal(await replayAt(await clone(repository.path), record))).toEqual([]);
    expect(unequal(await replayAt(await clone(repository.path, '--bare'), record))).toEqual([]);
    // The change itself was taken out of history: its author and time stand in the bundle.
    await repository.git('reset', '--hard', '--quiet', 'HEAD~3');
    const without = await clone(repository.path);
    const report = await replayAt(without, record);
    expect(unequal(report)).toEqual([]);
    expect(report.compared.filter(({ what }) => what === 'commit').length).toBe(2);
  });

  it('finds what was changed in the record, each thing by its name', async () => {
    const { repository, record } = await recorded();
    const { plan, steps } = record;
    const [first, second] = steps;
    if (first === undefined || second === undefined) throw new Error('two steps');
    const withDiff = plan.diffs.with(0, {
      ...(plan.diffs[0] ?? { step: 0, path: '', summary: '' }),
      patch: '@@ other @@',
    });
    const other = await replayAt(repository.path, digested({ ...plan, diffs: withDiff }, steps));
    expect(unequal(other)).toEqual(['plan digest @null', 'diff a.txt @0']);
    const tree = { ...Object(second.after), tree: '0'.repeat(40) };
    const lied = await replayAt(repository.path, { ...record, steps: [first, { ...second, after: tree }] });
    expect(unequal(lied)).toEqual(['tree after @1']);
    const late = { ...Object(first.after), author: { name: 'Mallory', email: 'm@x', at: 1000 } };
    const forged = await replayAt(repository.path, { ...record, steps: [{ ...first, after: late }, second] });
    expect(unequal(forged)).toEqual(['commit @0', 'commit before @1', 'commit @1']);
    const inputs = { ...Object(plan.steps[0]?.inputs), files: [{ path: 'a.txt', content: 'another\n' }] };
    const step = plan.steps[0] ?? { index: 0, action: 'repo.write_files', version: 1, replay: 'exact' as const };
    const swapped = await replayAt(
      repository.path,
      digested({ ...plan, steps: plan.steps.with(0, { ...step, inputs }) }, steps),
    );
    expect(swapped.matches).toBe(false);
    expect(unequal(swapped)).toEqual(expect.arrayContaining(['diff a.txt @0', 'tree after @0', 'commit @0']));
  });

  it('of a run that ended early compares results up to the last step that was applied, and the whole plan', async () => {
    const { repository, record } = await recorded(1);
    const report = await replayAt(repository.path, record);
    expect(unequal(report)).toEqual([]);
    expect(report.steps.map(({ replayed }) => replayed)).toEqual([true, false]);
    expect(report.compared.filter(({ what }) => what === 'commit').length).toBe(1);
    expect(report.compared.filter(({ what }) => what.startsWith('diff ')).length).toBe(record.plan.diffs.length);
    expect(report.says).toContain('1 of 2 step(s)');
  });

  it('refuses a shallow clone and one without the commit, and says what would do', async () => {
    const { repository, record } = await recorded();
    const refused = {
      code: 'E_TARGET_MISSING',
      effect: 'none',
      detail: { next: expect.stringContaining('full clone') },
    };
    await expect(replayAt(await clone(repository.path, '--depth=1'), record)).rejects.toMatchObject(refused);
    const foreign = await makeGitRepository({ 'b.txt': 'b\n' });
    onTestFinished(() => foreign.remove());
    await expect(replayAt(foreign.path, record)).rejects.toMatchObject(refused);
  });

  it('refuses where an object was lost, and does not call it unequal', async () => {
    const { repository, record } = await recorded();
    const base = await repository.git('rev-parse', 'main~2');
    const tree = await repository.git('rev-parse', `${base}^{tree}`);
    await rm(`${repository.path}/.git/objects/${tree.slice(0, 2)}/${tree.slice(2)}`);
    await expect(replayAt(repository.path, record)).rejects.toMatchObject({ code: 'E_TARGET_MISSING', effect: 'none' });
  });

  it('does not replay a secret that no bundle holds', async () => {
    const { repository, record } = await recorded();
    const [step] = record.plan.steps;
    if (step === undefined) throw new Error('no step');
    const inputs = { ...step.inputs, message: { $sealed: 'hmac' } };
    const plan = { ...record.plan, steps: record.plan.steps.with(0, { ...step, inputs }) };
    const report = await replayAt(repository.path, { ...record, plan });
    expect(report).toMatchObject({ mode: 'none', matches: null, compared: [] });
    expect(report.says).toContain('secret');
  });
});
