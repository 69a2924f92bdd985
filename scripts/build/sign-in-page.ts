import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import type { WrittenFile } from './bundle.ts';

/** Writes the sign-in and approval page: one script, the style and the document, as the server serves them. */
export async function writeSignInPage(app: string, folder: string): Promise<WrittenFile[]> {
  await mkdir(folder, { recursive: true });
  await using build = await rolldown({ input: join(app, 'src/main.ts'), platform: 'browser' });
  const script = { file: join(folder, 'main.js'), format: 'esm', codeSplitting: false, minify: true } as const;
  const { output } = await build.write(script);
  if (output.length !== 1) throw new Error('the sign-in page must be one script');
  const copied = ['index.html', 'page.css'];
  for (const name of copied) await copyFile(join(app, 'src', name), join(folder, name));
  const sized = async (name: string): Promise<WrittenFile> => ({
    name: `page/${name}`,
    sizeBytes: (await stat(join(folder, name))).size,
  });
  return await Promise.all([...copied, 'main.js'].map(sized));
}
