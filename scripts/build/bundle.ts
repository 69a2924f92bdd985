import { readdir, readFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

/** One bundle: its entry file and where it is written. */
export interface BundleRequest {
  readonly entry: string;
  readonly file: string;
}

/** A file that was written, and its size. */
export interface WrittenFile {
  readonly name: string;
  readonly sizeBytes: number;
}

/** Native add-ons that their importers try to load and do well without: a bundle of JavaScript cannot hold them. */
const optionalNative = /(^cpu-features$|^pg-native$|\.node$)/;

const nodeModules = [/^node:/, ...builtinModules];

/**
 * Bundles an entry with everything it imports for Node 24; only Node's own modules stay outside. What is imported late
 * stays in modules of its own, so that a command loads no more than it needs. WebAssembly and folders that a package
 * reads from beside itself are written beside the bundle.
 */
export async function bundle({ entry, file }: BundleRequest): Promise<WrittenFile[]> {
  await using build = await rolldown({
    input: entry,
    platform: 'node',
    external: [...nodeModules, optionalNative],
    plugins: [wasmBeside(), foldersBeside()],
  });
  const { output } = await build.write({
    dir: dirname(file),
    entryFileNames: basename(file),
    chunkFileNames: '[name]-[hash].js',
    format: 'esm',
    minify: false,
    // CommonJS packages find the files beside them by __dirname, which ES modules lack.
    intro: 'const __dirname = import.meta.dirname;',
  });
  // Where nothing says that these are ES modules, Node reads each of them twice to find out.
  await writeFile(join(dirname(file), 'package.json'), '{"type":"module"}\n');
  return output.map((written) => ({
    name: written.fileName,
    sizeBytes: Buffer.byteLength(written.type === 'chunk' ? written.code : written.source),
  }));
}

function wasmBeside(): Plugin {
  return {
    name: 'wasm-beside',
    async transform(code, id) {
      const [, name] = /\$\{__dirname\}\/([\w.-]+\.wasm)/.exec(code) ?? [];
      if (name === undefined) return;
      this.emitFile({ type: 'asset', fileName: name, source: await readFile(join(dirname(id), name)) });
    },
  };
}

/** Folders that a module names as `new URL('…/', import.meta.url)`. */
function foldersBeside(): Plugin {
  return {
    name: 'folders-beside',
    async transform(code, id) {
      const [named, path] = /new URL\('(\.[\w./-]*\/)', import\.meta\.url\)/.exec(code) ?? [];
      if (named === undefined || path === undefined) return;
      const folder = join(dirname(id), path);
      const name = basename(folder);
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const file = join(entry.parentPath, entry.name);
        const fileName = `${name}/${file.slice(folder.length)}`;
        this.emitFile({ type: 'asset', fileName, source: await readFile(file) });
      }
      return code.replace(named, `new URL('./${name}/', import.meta.url)`);
    },
  };
}
