import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '@countersign/protocol';

/**
 * Lets a person change a text in their editor: `$VISUAL`, `$EDITOR`, else `vi`, with its own arguments. The file is theirs alone and
 * gone afterwards. Throws E_VALIDATION when the editor cannot be started or fails.
 */
export async function openEditor(
  env: Readonly<Record<string, string | undefined>>,
  text: string,
  suffix: string,
): Promise<string> {
  const [program = 'vi', ...words] = (env['VISUAL'] ?? env['EDITOR'] ?? 'vi').split(' ').filter(Boolean);
  const folder = await mkdtemp(join(tmpdir(), 'countersign-edit-'));
  const file = join(folder, `draft${suffix}`);
  try {
    await writeFile(file, text, { mode: 0o600 });
    const code = await new Promise<number | null>((resolve, reject) => {
      const editor = spawn(program, [...words, file], { stdio: 'inherit' });
      editor.once('error', reject);
      editor.once('exit', resolve);
    }).catch((cause: unknown) => {
      const next = 'set EDITOR to an editor that is installed';
      throw new CodedError('E_VALIDATION', `"${program}" cannot be started`, { field: 'EDITOR', next }, { cause });
    });
    if (code !== 0) {
      throw new CodedError('E_VALIDATION', `"${program}" ended with ${code ?? 'a signal'}; nothing was changed`, {
        field: 'EDITOR',
        next: 'edit it again',
      });
    }
    return await readFile(file, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
