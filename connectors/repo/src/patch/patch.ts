/**
 * Bytes as text, one character a byte (ISO 8859-1), so that content of any encoding is kept as it is. Only paths are
 * decoded.
 */
export type ByteText = string;

/** What a patch does with a file. */
export type PatchKind = 'modify' | 'create' | 'delete' | 'rename' | 'copy';

/** One line of a hunk, without its line end. */
export interface PatchLine {
  readonly kind: 'context' | 'add' | 'remove';
  readonly text: ByteText;
  /** Whether the file ends here without a line end. */
  readonly incomplete: boolean;
}

/** One hunk: where it stands in the old and the new file (lines counted from 1) and its lines. */
export interface PatchHunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** What stands behind the second `@@`. */
  readonly section: ByteText;
  readonly lines: readonly PatchLine[];
}

/** One half of a binary patch: the content or a delta to it, deflated and in git's base 85. */
export interface BinaryPart {
  readonly method: 'literal' | 'delta';
  readonly sizeBytes: number;
  readonly data: readonly string[];
}

/** What happens to the content of a binary file, and how it is taken back if the patch says. */
export interface BinaryChange {
  readonly oldOid: string;
  readonly newOid: string;
  readonly forward: BinaryPart;
  readonly backward: BinaryPart | undefined;
}

/** One file of a patch. Of `oldPath` and `newPath` the one that does not exist is null; a file that stays has both, equal. */
export interface PatchFile {
  readonly kind: PatchKind;
  readonly oldPath: string | null;
  readonly newPath: string | null;
  /** Six octal digits: of files that are made or taken away (100644 where a plain patch says none), else where the mode changes. */
  readonly oldMode: string | undefined;
  readonly newMode: string | undefined;
  readonly hunks: readonly PatchHunk[];
  readonly binary: BinaryChange | undefined;
}

/** A parsed patch, or the line (counted from 1) that cannot be taken and why. */
export type ParsedPatch =
  | { readonly ok: true; readonly files: readonly PatchFile[] }
  | { readonly ok: false; readonly line: number; readonly problem: string };
