import { type ActionDefinition, defineAction } from '@countersign/connector-kit';
import { ApplyPatchInputs, RevertInputs, WriteFilesInputs } from './change-inputs.ts';
import { DiffInputs, FileInputs, LogInputs, SearchInputs, StatusInputs, TreeInputs } from './read-inputs.ts';
import {
  applyPatchWording,
  diffWording,
  fileWording,
  logWording,
  revertWording,
  searchWording,
  statusWording,
  treeWording,
  writeFilesWording,
} from './wording.ts';

const read = {
  version: 1,
  effect: 'read',
  risk: 'low',
  timeoutMs: 60_000,
  outputCapBytes: 16_777_216,
  idempotency: 'none',
  replay: 'none',
  follows: false,
} as const;

const write = {
  version: 1,
  effect: 'write',
  risk: 'medium',
  timeoutMs: 180_000,
  outputCapBytes: 65_536,
  // The commit carries the step's key: a second attempt finds it and answers the same.
  idempotency: 'target_key',
  replay: 'exact',
  follows: false,
} as const;

/** Everything the connector can do. */
export const actions: readonly ActionDefinition[] = [
  defineAction({
    ...read,
    name: 'repo.file',
    title: 'Read a file',
    description: 'Reads one file of a commit.',
    inputs: FileInputs,
    wording: fileWording,
  }),
  defineAction({
    ...read,
    name: 'repo.tree',
    title: 'List files',
    description: 'Lists a folder of a commit.',
    inputs: TreeInputs,
    wording: treeWording,
  }),
  defineAction({
    ...read,
    name: 'repo.status',
    title: 'Show the status',
    description: 'Shows the branch and what is not committed in its work tree.',
    inputs: StatusInputs,
    wording: statusWording,
  }),
  defineAction({
    ...read,
    name: 'repo.diff',
    title: 'Compare commits',
    description: 'Shows what changed from one commit to another.',
    inputs: DiffInputs,
    wording: diffWording,
  }),
  defineAction({
    ...read,
    name: 'repo.search',
    title: 'Search files',
    description: 'Finds a text or a pattern in the text files of a commit.',
    inputs: SearchInputs,
    wording: searchWording,
  }),
  defineAction({
    ...read,
    name: 'repo.log',
    title: 'List commits',
    description: 'Lists commits, newest first.',
    inputs: LogInputs,
    wording: logWording,
  }),
  defineAction({
    ...write,
    name: 'repo.write_files',
    title: 'Write files',
    description: 'Writes, restores or deletes files in one commit on a branch.',
    inputs: WriteFilesInputs,
    wording: writeFilesWording,
  }),
  defineAction({
    ...write,
    name: 'repo.apply_patch',
    title: 'Apply a patch',
    description: 'Applies a unified diff as one commit on a branch.',
    inputs: ApplyPatchInputs,
    wording: applyPatchWording,
  }),
  defineAction({
    ...write,
    name: 'repo.revert',
    title: 'Revert a commit',
    description: 'Takes back what one commit changed, as a new commit on a branch.',
    inputs: RevertInputs,
    wording: revertWording,
  }),
];
