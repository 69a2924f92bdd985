import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import type { WrittenFile } from './bundle.ts';

async function scriptOf(entry: string): Promise<string> {
  await using build = await rolldown({ input: entry, platform: 'browser' });
  const { output } = await build.generate({ format: 'iife', minify: true });
  const [chunk, ...more] = output;
  if (more.length > 0 || chunk.imports.length > 0) throw new Error('the page must be one script that imports nothing');
  // What would end the script element early.
  return chunk.code.replaceAll('</script', '<\\/script').trim();
}

const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The verifier as one HTML file: its own script and style by hash, and nothing else, above all no connection. */
export async function makeVerifierPage(app: string): Promise<string> {
  const source = join(app, 'src');
  const template = await readFile(join(source, 'page.html'), 'utf8');
  const style = (await readFile(join(source, 'page.css'), 'utf8')).trim();
  const script = await scriptOf(join(source, 'main.ts'));
  const policy = [
    `default-src 'none'`,
    `script-src ${sourceOf(script)}`,
    `style-src ${sourceOf(style)}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `require-trusted-types-for 'script'`,
  ].join('; ');
  const parts: Readonly<Record<string, string>> = { __POLICY__: policy, '/*STYLE*/': style, '/*SCRIPT*/': script };
  return template.replace(/__POLICY__|\/\*(?:STYLE|SCRIPT)\*\//g, (name) => parts[name] ?? name);
}

/** Writes the page. */
export async function writeVerifierPage(app: string, file: string): Promise<WrittenFile> {
  const page = await makeVerifierPage(app);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, page);
  return { name: 'verify.html', sizeBytes: Buffer.byteLength(page) };
}
