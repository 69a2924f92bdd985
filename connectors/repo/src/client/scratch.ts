import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GitAnswer, type GitCall, runGit } from './git.ts';
import { type Repository, shallowFile } from './repository.ts';

/** A throw-away git folder that borrows the repository's objects: its settings, attributes and index are ours alone. */
export interface Scratch {
  readonly folder: string;
  readonly repository: Repository;
  git(call: Omit<GitCall, 'cwd' | 'signal'>): Promise<GitAnswer>;
  /** Attributes for the following commands, as lines of a gitattributes file. */
  setAttributes(lines: string): Promise<void>;
}

/** Where new objects go: thrown away with the scratch folder, or kept in the repository. */
export type ObjectStore = 'scratch' | 'repository';

// Bytes are taken and given as they are: no line ends, no filters, no identity keywords, no diff drivers.
const plainAttributes = '* -text -filter -ident -working-tree-encoding !diff !merge\n';

/** Lays a bare git folder out that borrows the objects of a folder, or none. */
export async function layOut(folder: string, repository: Repository, objectsDir: string | null): Promise<void> {
  await mkdir(join(folder, 'objects', 'info'), { recursive: true });
  await mkdir(join(folder, 'objects', 'pack'));
  await mkdir(join(folder, 'refs'));
  await mkdir(join(folder, 'info'));
  const extension = repository.objectFormat === 'sha256' ? '[extensions]\n\tobjectFormat = sha256\n' : '';
  const version = repository.objectFormat === 'sha256' ? 1 : 0;
  await writeFile(
    join(folder, 'config'),
    `[core]\n\trepositoryformatversion = ${version}\n\tbare = true\n${extension}`,
  );
  await writeFile(join(folder, 'HEAD'), 'ref: refs/heads/scratch\n');
  if (objectsDir !== null) await writeFile(join(folder, 'objects', 'info', 'alternates'), `${objectsDir}\n`);
  await writeFile(join(folder, 'info', 'attributes'), plainAttributes);
  if (objectsDir === null) return;
  const shallow = await shallowFile(repository);
  if (shallow !== undefined) await copyFile(shallow, join(folder, 'shallow'));
}

/** Makes a scratch folder, lends it, and takes it away whatever happens. */
export async function withScratch<T>(
  repository: Repository,
  store: ObjectStore,
  signal: AbortSignal,
  work: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-repo-'));
  // Kept objects are on the disk before a ref names them; thrown-away ones need not be.
  const sync = store === 'repository' ? 'all' : 'none';
  const env: Record<string, string> = { GIT_DIR: folder, GIT_INDEX_FILE: join(folder, 'index') };
  if (store === 'repository') env['GIT_OBJECT_DIRECTORY'] = repository.objectsDir;
  try {
    await layOut(folder, repository, repository.objectsDir);
    return await work({
      folder,
      repository,
      git: (call) =>
        runGit(repository.exec, {
          ...call,
          args: ['-c', `core.fsync=${sync}`, ...call.args],
          env: { ...env, ...call.env },
          cwd: folder,
          signal,
        }),
      setAttributes: (lines) => writeFile(join(folder, 'info', 'attributes'), plainAttributes + lines),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
