import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempFolder } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { propose, writeFiles } from './harness/flow.ts';
import { openServer } from './harness/open-server.ts';

const entry = join(import.meta.dirname, '../../apps/countersign/src/main.ts');

/** A folder whose `bin` has the program under its own name, as an installation would. */
function installed(): { folder: string; path: string } {
  const folder = tempFolder();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = join(bin, 'countersign');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
  chmodSync(program, 0o755);
  return { folder, path: `${bin}:${process.env['PATH']}` };
}

/** What bash would offer after pressing Tab behind the words. */
async function offeredByBash({ url, alice }: Stage, words: readonly string[], cwd?: string): Promise<string[]> {
  const { folder, path } = installed();
  const script = `source <(countersign completion bash)
COMP_WORDS=(countersign "$@"); COMP_CWORD=$#; _countersign; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: path, COUNTERSIGN_SERVER: url, COUNTERSIGN_TOKEN: alice.token, HOME: folder };
  const args = ['-c', script, 'bash', ...words];
  const { stdout } = await promisify(execFile)('bash', args, { cwd: cwd ?? folder, env, encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  let opened: Stage | null = null;
  beforeAll(async () => {
    opened = await withPeople(await openServer('sqlite'));
  });
  afterAll(() => opened?.close());
  const stage = (): Stage => {
    if (opened === null) throw new Error('the server is not open');
    return opened;
  };

  it('offers commands, their parts, options, and what the server knows', async () => {
    const { alice } = stage();
    const { op_id } = await propose(alice.client, writeFiles('stage', { 'a.txt': 'a' }));
    const offered = (...words: string[]) => offeredByBash(stage(), words);
    expect(await offered('au')).toEqual(['audit']);
    expect(await offered('audit', 'c')).toEqual(['checkpoint']);
    expect(await offered('panic', '')).toEqual(['on', 'off']);
    expect(await offered('ls', '--targ')).toEqual(['--target']);
    expect(await offered('ls', '--target', '')).toEqual(
      expect.arrayContaining(['shop-dev', 'shop-stage', 'shop-prod']),
    );
    // Bash hands a word with an equals sign in three pieces.
    expect(await offered('ls', '--env', '=', 'st')).toEqual(['stage']);
    expect(await offered('do', 'repo.w')).toEqual(['repo.write_files']);
    expect(await offered('show', op_id.slice(0, 9))).toContain(op_id);
  });

  it('offers files and folders where they are asked for', async () => {
    const cwd = tempFolder();
    mkdirSync(join(cwd, 'bundles', 'one'), { recursive: true });
    writeFileSync(join(cwd, 'bundle.json'), '');
    expect(await offeredByBash(stage(), ['verify', 'bun'], cwd)).toEqual(['bundles/']);
    expect(await offeredByBash(stage(), ['verify', 'bundles/'], cwd)).toEqual(['bundles/one/']);
    expect((await offeredByBash(stage(), ['verify', '--trust', 'bun'], cwd)).sort()).toEqual([
      'bundle.json',
      'bundles/',
    ]);
  });

  it('runs nothing of what is typed, and is silent without a server', async () => {
    const cwd = tempFolder();
    const words = ['do', '$(touch pwned)', '`touch pwned`', ';touch pwned', ''];
    await offeredByBash(stage(), words, cwd);
    expect(readdirSync(cwd)).toEqual([]);
    const nobody = { ...stage(), url: 'http://127.0.0.1:9' };
    expect(await offeredByBash(nobody, ['ls', '--target', ''])).toEqual([]);
  });
});
