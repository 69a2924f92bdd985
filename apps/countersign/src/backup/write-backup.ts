import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BackupFolder, BackupProgress, BackupSummary } from '@countersign/engine';
import { canonicalBytes, type Signer, signEnvelope } from '@countersign/evidence';
import type { ArtifactFiles } from '@countersign/kernel';
import { type BackupManifest, BackupName, type BackupView } from '@countersign/protocol';
import type { DatabaseDump, OpenedStore, TableDump } from '@countersign/store';
import { syncFolder } from '../keys/write-durably.ts';
import { backupPaths, backupPayloadType, digestOfFile } from './backup-paths.ts';
import { readManifest } from './read-manifest.ts';
import { writeTable } from './table-file.ts';

/** What a backup is made of, and where it goes. */
export interface BackupSource {
  /** Folder in which each backup gets its own. */
  readonly root: string;
  readonly store: OpenedStore;
  readonly artifacts: ArtifactFiles;
  readonly keysFolder: string;
  readonly configurationFile: string;
  readonly signer: Signer;
  readonly installation: string;
  readonly version: string;
}

type Manifest = BackupManifest;
type File = Manifest['keys'][number];

const secondName = (at: number): string =>
  new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');

/** Writes backups as folders: into a hidden one first, synced, then renamed, so that what stands is whole. */
export function openBackupFolder(source: BackupSource): BackupFolder {
  const { root } = source;
  return {
    async nextName(at) {
      for (let number = 1; ; number += 1) {
        const name = number === 1 ? secondName(at) : `${secondName(at)}-${String(number).padStart(2, '0')}`;
        if (!existsSync(join(root, name))) return { name, folder: join(root, name) };
      }
    },
    async write(name, at, tell) {
      const partial = join(root, `.partial-${name}`);
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { recursive: true, mode: 0o700 });
      try {
        const summary = await new BackupWriter(source, partial, tell).write(name, at);
        await rename(partial, join(root, name));
        syncFolder(root);
        return summary;
      } catch (error) {
        await rm(partial, { recursive: true, force: true });
        throw error;
      }
    },
    list: () => listBackups(root),
  };
}

async function listBackups(root: string): Promise<BackupView[]> {
  const names = existsSync(root) ? (await readdir(root)).filter((name) => BackupName.safeParse(name).success) : [];
  const views: BackupView[] = [];
  for (const name of names.sort().reverse()) {
    const folder = join(root, name);
    const { manifest } = await readManifest(folder);
    const rows = manifest.database.tables.reduce((sum, table) => sum + table.rows, 0);
    const tables = manifest.database.tables.reduce((sum, table) => sum + table.file.size_bytes, 0);
    views.push({
      name,
      state: 'complete',
      folder,
      started_at: manifest.made_at,
      ended_at: null,
      rows,
      size_bytes: tables + manifest.artifacts.size_bytes,
      tree_size: manifest.audit?.tree_size ?? 0,
      message: 'complete',
    });
  }
  return views;
}

/** Facts about the dumped rows that the manifest tells. */
interface Seen {
  head: Manifest['audit'];
  readonly artifacts: Set<string>;
}

class BackupWriter {
  readonly #source: BackupSource;
  readonly #folder: string;
  readonly #tell: (progress: BackupProgress) => void;
  #rows = 0;
  #sizeBytes = 0;

  constructor(source: BackupSource, folder: string, tell: (progress: BackupProgress) => void) {
    this.#source = source;
    this.#folder = folder;
    this.#tell = tell;
  }

  async write(name: string, at: number): Promise<BackupSummary> {
    const seen: Seen = { head: null, artifacts: new Set() };
    // The rows first: what they name was on the disk before they were committed.
    const database = await this.#source.store.dump((dump) => this.#database(dump, seen));
    const artifacts = await this.#artifacts(seen.artifacts);
    const manifest: Manifest = {
      schema: 'countersign.backup.v1',
      name,
      installation: this.#source.installation,
      version: this.#source.version,
      made_at: at,
      database,
      audit: seen.head,
      artifacts,
      keys: await this.#keys(),
      configuration: await this.#configuration(),
    };
    const bytes = canonicalBytes(manifest);
    const envelope = signEnvelope(backupPayloadType, bytes, this.#source.signer);
    await this.#put(backupPaths.signature, canonicalBytes(envelope));
    await this.#put(backupPaths.manifest, bytes);
    for (const folder of ['tables', 'artifacts', 'keys', '.']) syncFolder(join(this.#folder, folder));
    const manifestHash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    return { rows: this.#rows, sizeBytes: this.#sizeBytes, treeSize: seen.head?.tree_size ?? 0, manifestHash };
  }

  #say(message: string): void {
    this.#tell({ rows: this.#rows, sizeBytes: this.#sizeBytes, message });
  }

  async #database(dump: DatabaseDump, seen: Seen): Promise<Manifest['database']> {
    await mkdir(join(this.#folder, 'tables'), { mode: 0o700 });
    const tables: Manifest['database']['tables'] = [];
    for await (const table of dump.tables) {
      const path = backupPaths.table(tables.length + 1, table.name);
      const written = await writeTable(join(this.#folder, path), watched(table, seen), (rows) => {
        this.#rows += rows;
        this.#say(`table ${table.name}`);
      });
      this.#sizeBytes += written.sizeBytes;
      const file = { path, sha256: written.sha256, size_bytes: written.sizeBytes };
      tables.push({ table: table.name, rows: written.rows, file });
    }
    return { schema: [...dump.schema], tables };
  }

  async #artifacts(hashes: ReadonlySet<string>): Promise<Manifest['artifacts']> {
    await mkdir(join(this.#folder, 'artifacts'), { mode: 0o700 });
    const missing: string[] = [];
    let count = 0;
    let sizeBytes = 0;
    for (const sha256 of [...hashes].sort()) {
      // A damaged one must not end the backup of everything else; the manifest names it.
      const bytes = await this.#source.artifacts.get(sha256).catch(() => null);
      if (bytes === null) {
        missing.push(sha256);
        continue;
      }
      await this.#put(backupPaths.artifact(sha256), bytes);
      count += 1;
      sizeBytes += bytes.length;
      if (count % 50 === 0) this.#say(`${count} artifacts`);
    }
    return { count, size_bytes: sizeBytes, missing };
  }

  async #keys(): Promise<File[]> {
    const { keysFolder } = this.#source;
    const entries = await readdir(keysFolder, { withFileTypes: true, recursive: true });
    const files: File[] = [];
    for (const entry of entries.filter((each) => each.isFile() && !each.name.endsWith('.partial'))) {
      const inside = join(entry.parentPath, entry.name).slice(keysFolder.length + 1);
      files.push(await this.#copy(join(keysFolder, inside), backupPaths.key(inside)));
    }
    return files.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  async #configuration(): Promise<File | null> {
    const { configurationFile } = this.#source;
    return existsSync(configurationFile) ? await this.#copy(configurationFile, backupPaths.configuration) : null;
  }

  async #copy(from: string, path: string): Promise<File> {
    const to = join(this.#folder, path);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await copyFile(from, to);
    await chmod(to, 0o600);
    const { sha256, sizeBytes } = await digestOfFile(to);
    this.#sizeBytes += sizeBytes;
    return { path, sha256, size_bytes: sizeBytes };
  }

  async #put(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.#folder, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    this.#sizeBytes += bytes.length;
  }
}

/** The same table; on the way, what the manifest tells of it is noted. */
function watched(table: TableDump, seen: Seen): TableDump {
  const place = (column: string): number => table.columns.indexOf(column);
  async function* pages(): TableDump['pages'] extends AsyncIterable<infer Page> ? AsyncGenerator<Page> : never {
    for await (const page of table.pages) {
      for (const row of page) {
        if (table.name === 'artifact') seen.artifacts.add(String(row[place('sha256')]));
        if (table.name === 'checkpoint') {
          const size = Number(row[place('tree_size')]);
          if (size >= (seen.head?.tree_size ?? 0)) {
            const root = String(row[place('root_hash')]);
            seen.head = { tree_size: size, root_hash: root, checkpoint: String(row[place('note')]) };
          }
        }
      }
      yield page;
    }
  }
  return { ...table, pages: pages() };
}
