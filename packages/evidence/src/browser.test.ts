import { webcrypto } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { TrustRoot } from '@countersign/protocol';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';
import written from '../vectors/bundle.json' with { type: 'json' };

const bundle = { ...written, trust: TrustRoot.parse(written.trust) };

const entry = 'virtual:verifier';
const code = `
  import { fromBase64, verifyBundle } from ${JSON.stringify(fileURLToPath(new URL('./index.ts', import.meta.url)))};
  import { browserVerifyCrypto } from ${JSON.stringify(fileURLToPath(new URL('./browser.ts', import.meta.url)))};
  export async function check(text) {
    const { files, trust } = JSON.parse(text);
    const content = new Map(files.map((file) => [file.path, fromBase64(file.content_base64)]));
    const report = await verifyBundle(content, trust, browserVerifyCrypto);
    return JSON.stringify({ state: report.state, findings: report.findings.length });
  }`;

/** One script for a browser, and every module that went into it. */
async function bundleForBrowser(): Promise<{ script: string; modules: readonly string[]; imports: readonly string[] }> {
  const build = await rolldown({
    input: entry,
    platform: 'browser',
    plugins: [
      { name: 'entry', resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? code : null) },
    ],
  });
  const { output } = await build.generate({ format: 'iife', name: 'verifier' });
  await build.close();
  const [chunk] = output;
  return { script: chunk.code, modules: chunk.moduleIds, imports: [...chunk.imports, ...chunk.dynamicImports] };
}

// Costs about a second: it bundles the package and zod.
describe('the browser entry', () => {
  it('bundles without Node and verifies a bundle with nothing but WebCrypto and text coders', async () => {
    const { script, modules, imports } = await bundleForBrowser();
    expect(modules.length).toBeGreaterThan(20);
    expect(imports).toEqual([]);
    expect(script).not.toMatch(/node:|require\(/);
    const context = createContext({ crypto: webcrypto, TextEncoder, TextDecoder });
    runInContext(script, context);
    const check = async (content: object): Promise<unknown> => {
      const text = JSON.stringify(JSON.stringify(content));
      return JSON.parse(await runInContext(`verifier.check(${text})`, context));
    };
    expect(runInContext('[typeof process, typeof Buffer, typeof require].join()', context)).toBe(
      'undefined,undefined,undefined',
    );
    expect(await check(bundle)).toMatchObject({ state: 'pass' });
    const changed = bundle.files.map((file) => (file.path === 'run.json' ? { ...file, content_base64: 'e30=' } : file));
    expect(await check({ ...bundle, files: changed })).toMatchObject({ state: 'error' });
    const keys = bundle.trust.keys.map((key) => ({ ...key, public_key: `${'A'.repeat(43)}=` }));
    expect(await check({ ...bundle, trust: { ...bundle.trust, keys } })).toMatchObject({ state: 'fail' });
  });
});
