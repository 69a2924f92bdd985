import { posix } from 'node:path';
import type { ParsedStep, ReadResult, WorkContext } from '@countersign/connector-kit';
import { lfsPointerOf } from '../change/lfs-pointer.ts';
import { objectFacts } from '../client/blobs.ts';
import { type Scratch, withScratch } from '../client/scratch.ts';
import { entriesAt, type TreeEntry } from '../client/tree.ts';
import { missing, refused } from '../errors.ts';
import { parentsOf } from '../paths/repo-path.ts';
import { FileInputs } from '../read-inputs.ts';
import type { RepoTarget } from '../target.ts';
import { readCommit } from './read-commit.ts';

async function fileEntry(scratch: Scratch, commit: string, ref: string, path: string): Promise<TreeEntry> {
  const entries = await entriesAt(scratch, commit, [path, ...parentsOf(path)]);
  const link = parentsOf(path).find((parent) => entries.get(parent)?.mode === '120000');
  if (link !== undefined) throw refused(`${link} is a symbolic link and is not followed`);
  const entry = entries.get(path);
  if (entry === undefined) throw missing(`there is no ${path} in ${ref}`);
  if (entry.mode === '120000') throw refused(`${path} is a symbolic link and is not followed`);
  if (entry.type !== 'blob') throw refused(`${path} is a ${entry.type === 'tree' ? 'folder' : 'submodule'}`);
  return entry;
}

/** Reads one file of a commit: facts in the summary, its bytes as the artifact. */
export async function readFile(target: RepoTarget, step: ParsedStep, context: WorkContext): Promise<ReadResult> {
  const { path, ref, max_bytes: wanted } = FileInputs.parse(step.inputs);
  if (!target.allowlist.allows(path)) throw refused(`${path} is outside the allowed paths`);
  const from = await readCommit(target, ref, context.signal);
  const maxBytes = Math.min(wanted ?? context.outputCapBytes, context.outputCapBytes);
  return await withScratch(from.repository, 'scratch', context.signal, async (scratch) => {
    const entry = await fileEntry(scratch, from.commit, from.ref, path);
    const { stdout, truncated } = await scratch.git({
      what: 'read the file',
      args: ['cat-file', 'blob', entry.oid],
      maxBytes,
      mayTruncate: true,
    });
    const sizes = await objectFacts(scratch, [entry.oid]);
    const binary = stdout.includes(0);
    const pointer = lfsPointerOf(stdout);
    const lfs = pointer === undefined ? {} : { lfs_pointer: { oid: pointer.oid, size_bytes: pointer.sizeBytes } };
    const sizeBytes = sizes.get(entry.oid)?.sizeBytes ?? stdout.length;
    const facts = { mode: entry.mode, oid: entry.oid, size_bytes: sizeBytes, binary, truncated, ...lfs };
    const mediaType = binary ? 'application/octet-stream' : 'text/plain; charset=utf-8';
    return {
      summary: { path, ref: from.ref, commit: from.commit, ...facts },
      artifacts: [{ name: posix.basename(path).slice(0, 100), mediaType, content: stdout, truncated }],
    };
  });
}
