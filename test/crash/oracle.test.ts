import { execFileSync } from 'node:child_process';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { makeInstallation } from './installation.ts';
import { startLoad } from './load.ts';
import { effectsIn, judge } from './oracle.ts';

function git(repository: string, ...args: string[]): string {
  const who = ['-c', 'user.name=Planted', '-c', 'user.email=planted@example.test'];
  return execFileSync('git', ['-C', repository, ...who, ...args], { encoding: 'utf8' }).trim();
}

it('the oracle sees what it is there for: a lost acknowledgement, an effect had twice, an effect of nobody', async () => {
  await using installation = await makeInstallation({ targets: 1 });
  await installation.serve();
  const people = await installation.enrol();
  const load = startLoad(people, installation.targets);
  await waitUntil('something was proposed', () => load.acknowledged.proposals.length > 0);
  await load.finish();
  const { acknowledged } = load;
  const opinion = (seen = acknowledged) => judge(people, installation.targets, seen);
  expect(await opinion()).toMatchObject({ others: {} });

  const [known] = acknowledged.proposals;
  const opId = '019ab000-0000-7000-8000-000000000001';
  const lost = [...acknowledged.proposals.slice(1), { requestId: known?.requestId ?? '', opId }];
  await expect(opinion({ ...acknowledged, proposals: lost })).rejects.toThrow('lost proposals');
  const start = { opId: known?.opId ?? '', runId: 'r_another' };
  await expect(opinion({ ...acknowledged, starts: [start] })).rejects.toThrow('lost starts');
  const decision = { opId: known?.opId ?? '', kind: 'approve', digest: 'sha256:other' } as const;
  await expect(opinion({ ...acknowledged, decisions: [decision] })).rejects.toThrow('lost approvals');

  const repository = installation.targets[0]?.repository ?? '';
  const [key = ''] = effectsIn(repository).keys();
  const plant = (trailer: string): void => {
    const message = `planted\n\nCountersign-Key: ${trailer}`;
    const commit = git(repository, 'commit-tree', 'main^{tree}', '-p', 'main', '-m', message);
    git(repository, 'update-ref', 'refs/heads/planted', commit);
  };
  plant(key);
  await expect(opinion()).rejects.toThrow('expected 2 to be 1');
  plant('019ab000-0000-7000-8000-000000000001.0');
  await expect(opinion()).rejects.toThrow('effects of no run');
}, 90_000);
