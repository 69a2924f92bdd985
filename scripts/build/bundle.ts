import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
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
 * Bundles an entry with everything it imports into one ES module for Node 24; only Node's own modules stay outside.
 * WebAssembly that a package reads from beside itself is written beside the bundle.
 */
export async function bundle({ entry, file }: BundleRequest): Promise<WrittenFile[]> {
  await using build = await rolldown({
    input: entry,
    platform: 'node',
    external: [...nodeModules, optionalNative],
    plugins: [wasmBeside()],
  });
  const { output } = await build.write({
    file,
    format: 'esm',
    codeSplitting: false,
    minify: false,
    // CommonJS packages find the files beside them by __dirname, which ES modules lack.
    intro: 'const __dirname = import.meta.dirname;',
  });
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
