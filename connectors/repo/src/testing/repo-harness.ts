import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink, rename } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Exec, localExec } from '@countersign/connector-kit';
import type { ConformanceHarness, ConformanceTarget } from '@countersign/connector-kit/conformance';
import { type GitRepository, makeGitRepository } from '@countersign/testing';
import { repoConnector } from '../connector.ts';

/** A real repository as the conformance suite uses it. */
export interface RepoConformanceTarget extends ConformanceTarget {
  readonly repository: GitRepository;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

/** Digest of every file below a folder, git's own included. */
export async function folderDigest(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await filesBelow(folder)).sort()) {
    const stat = await lstat(file);
    hash.update(`${relative(folder, file)}\0${stat.mode}\0`);
    hash.update(stat.isSymbolicLink() ? await readlink(file) : await readFile(file));
  }
  return hash.digest('hex');
}

const canary = 'c4nary-0f-a-s3cret';

/** Git with a brake: while slow, a program that sleeps runs before git does. */
function brakedExec(isSlow: () => boolean): Exec {
  return {
    async run(request) {
      if (isSlow()) {
        const slept = await localExec.run({ ...request, file: 'sleep', args: ['60'], stdin: new Uint8Array() });
        if (slept.code !== 0) return slept;
      }
      return await localExec.run(request);
    },
  };
}

async function setUp(): Promise<RepoConformanceTarget> {
  const repository = await makeGitRepository({
    'README.md': 'hello\nworld\n',
    'src/app.ts': 'export const one = 1;\n',
    'src/old.ts': 'export const old = true;\n',
    'data/long.txt': 'a line of text\n'.repeat(200),
  });
  const { path, git } = repository;
  let slow = false;
  return {
    repository,
    config: { path },
    ports: { exec: brakedExec(() => slow), now: Date.now },
    snapshot: () => folderDigest(path),
    state: async () => ({
      tree: await git('rev-parse', 'main^{tree}'),
      index: await git('write-tree'),
      status: await git('status', '--porcelain'),
    }),
    effects: async () => Number(await git('rev-list', '--count', '--branches')),
    cutOff: () => rename(path, `${path}.away`),
    async slowDown() {
      slow = true;
    },
    async heal() {
      slow = false;
      await rename(`${path}.away`, path).catch(() => undefined);
    },
    async tearDown() {
      repository.remove();
    },
  };
}

/** Everything the repo connector brings to be examined. */
export const repoHarness: ConformanceHarness<RepoConformanceTarget> = {
  connector: repoConnector,
  setUp,
  writes: [
    {
      name: 'two commits',
      steps: [
        {
          action: 'repo.write_files',
          inputs: {
            files: [
              { path: 'src/app.ts', content: `export const one = 2; // ${canary}\n` },
              { path: 'src/old.ts', delete: true },
              { path: 'bin/run', content: '#!/bin/sh\n' },
            ],
            message: 'app: two',
          },
        },
        {
          action: 'repo.write_files',
          inputs: {
            files: [
              { path: 'src/app.ts', content: 'export const one = 3;\n' },
              { path: 'logo.png', content_base64: Buffer.from([0, 1, 2, 255]).toString('base64') },
            ],
            message: 'app: three\n\nBecause two was not enough.',
          },
        },
      ],
      drift: async (target) => void (await target.repository.commit({ 'README.md': 'drifted\n' })),
      undo: async (target) => void (await target.repository.git('reset', '--hard', '--quiet', 'HEAD~2')),
      secrets: [canary],
    },
  ],
  reads: [
    { name: 'a file', step: { action: 'repo.file', inputs: { path: 'README.md' } } },
    { name: 'a long file', step: { action: 'repo.file', inputs: { path: 'data/long.txt' } }, exceedsBytes: 100 },
    { name: 'a tree', step: { action: 'repo.tree', inputs: { recursive: true } } },
    { name: 'a long tree', step: { action: 'repo.tree', inputs: { recursive: true } }, exceedsBytes: 150 },
    { name: 'the status', step: { action: 'repo.status', inputs: {} } },
    { name: 'a diff', step: { action: 'repo.diff', inputs: {} } },
    { name: 'a long diff', step: { action: 'repo.diff', inputs: {} }, exceedsBytes: 100 },
  ],
  failures: [
    {
      name: 'a missing file',
      steps: [{ action: 'repo.file', inputs: { path: 'nowhere.txt' } }],
      during: 'read',
      arrange: async () => undefined,
      codes: ['E_TARGET_MISSING'],
    },
    {
      name: 'a missing ref',
      steps: [{ action: 'repo.diff', inputs: { to: 'no-such-branch' } }],
      during: 'read',
      arrange: async () => undefined,
      codes: ['E_TARGET_MISSING'],
    },
    {
      name: 'a folder read as a file',
      steps: [{ action: 'repo.file', inputs: { path: 'src' } }],
      during: 'read',
      arrange: async () => undefined,
      codes: ['E_TARGET_REFUSED'],
    },
    {
      name: 'a branch that is gone',
      steps: [{ action: 'repo.write_files', inputs: { files: [{ path: 'a', content: canary }], message: 'a' } }],
      during: 'apply',
      arrange: async ({ repository }) => void (await repository.git('branch', '--quiet', '-M', 'main', 'elsewhere')),
      codes: ['E_TARGET_MISSING'],
      secrets: [canary],
    },
  ],
  refused: [
    { action: 'repo.file', inputs: { path: '../etc/passwd' } },
    { action: 'repo.file', inputs: { path: '.GIT/config' } },
    { action: 'repo.tree', inputs: { path: '/etc' } },
    { action: 'repo.status', inputs: { path: 'x' } },
    { action: 'repo.diff', inputs: { to: '--output=x' } },
    { action: 'repo.write_files', inputs: { files: [], message: 'nothing' } },
    { action: 'repo.write_files', inputs: { files: [{ path: 'a\\b', content: '' }], message: 'm' } },
    {
      action: 'repo.write_files',
      inputs: { files: [{ path: 'a', content: '' }], message: 'm\n\nCountersign-Key: forged' },
    },
    { action: 'repo.write_files', inputs: { files: [{ path: 'a', content: '', delete: true }], message: 'm' } },
  ],
};
