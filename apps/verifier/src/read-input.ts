import { fromBase64, verifyTrust } from '@countersign/evidence';
import { browserVerifyCrypto } from '@countersign/evidence/browser';
import { EvidenceView, readJson, TrustRoot } from '@countersign/protocol';

/** A bundle's files by path, as a person gave them. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** One file with its path inside of the folder that was given. */
export interface GivenFile {
  readonly path: string;
  readonly file: File;
}

const largestFileBytes = 256 * 1024 * 1024;

/** The files of a chosen folder: the browser puts the folder's own name before each path. */
export function filesOfFolder(list: FileList): GivenFile[] {
  return [...list].map((file) => ({ path: file.webkitRelativePath.split('/').slice(1).join('/') || file.name, file }));
}

function entriesOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

async function filesBelow(entry: FileSystemEntry, path: string): Promise<GivenFile[]> {
  if (isFile(entry)) return [{ path, file: await fileOf(entry) }];
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const found: GivenFile[] = [];
  // A browser answers in portions until an empty one.
  for (let portion = await entriesOf(reader); portion.length > 0; portion = await entriesOf(reader)) {
    for (const child of portion)
      found.push(...(await filesBelow(child, path === '' ? child.name : `${path}/${child.name}`)));
  }
  return found;
}

/** What was dropped: one folder, or the files of a bundle without their folder. */
export async function filesOfDrop(items: DataTransferItemList): Promise<GivenFile[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const [only] = entries;
  if (entries.length === 1 && only?.isDirectory === true) return filesBelow(only, '');
  const found: GivenFile[] = [];
  for (const entry of entries) found.push(...(await filesBelow(entry, entry.name)));
  return found;
}

/** The bytes of what was given. */
export async function readFiles(given: readonly GivenFile[]): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  for (const { path, file } of given) {
    if (file.size > largestFileBytes) throw new Error(`${path} is larger than a bundle's file may be`);
    files.set(path, new Uint8Array(await file.arrayBuffer()));
  }
  return files;
}

/** A bundle in one file, with the keys that came along; null when it is none. */
export function bundleInOneFile(bytes: Uint8Array): { files: Files; trust: TrustRoot } | null {
  const parsed = EvidenceView.safeParse(jsonOf(bytes));
  if (!parsed.success) return null;
  const files = new Map<string, Uint8Array>();
  for (const { path, content_base64: content } of parsed.data.files) {
    const decoded = fromBase64(content);
    if (decoded === null) return null;
    files.set(path, decoded);
  }
  return { files, trust: parsed.data.trust };
}

/** A trust root that holds in itself. Throws with the reason when it does not. */
export async function readTrustRoot(bytes: Uint8Array): Promise<TrustRoot> {
  const parsed = TrustRoot.safeParse(jsonOf(bytes));
  if (!parsed.success) throw new Error('This is no trust root.');
  const checked = await verifyTrust(parsed.data, browserVerifyCrypto);
  if (!checked.ok) throw new Error(`The trust root does not hold: ${checked.reason}.`);
  return checked.value;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return readJson(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
