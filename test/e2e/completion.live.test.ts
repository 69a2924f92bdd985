import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempFolder } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const entry = join(import.meta.dirname, '../../apps/countersign/src/main.ts');

/** Presses keys in an interactive zsh of its own and prints what it shows. */
const zshScript = `zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "PS1=; fpath=($1 \\$fpath); autoload -Uz compinit; compinit -u -D; bindkey '^I' expand-or-complete"
zpty -r shell out '*compinit*' >/dev/null
zpty -w -n shell "$2"$'\\t'
zpty -r shell out "*$3*"
print -r -- "$out"`;

describe('completion in zsh and fish', () => {
  const made = makeTempFolder();
  const folder = made.path;
  afterAll(() => made.remove());
  const run = (program: string, args: readonly string[]) => {
    const env = {
      PATH: `${folder}:${process.env['PATH']}`,
      HOME: folder,
      TERM: 'dumb',
      COUNTERSIGN_SERVER: 'http://127.0.0.1:9',
    };
    return execFileSync(program, [...args], { cwd: folder, env, encoding: 'utf8', timeout: 60_000 });
  };
  beforeAll(() => {
    const program = join(folder, 'countersign');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
    chmodSync(program, 0o755);
    mkdirSync(join(folder, 'completions'));
    for (const [shell, file] of [
      ['zsh', '_countersign'],
      ['fish', 'countersign.fish'],
    ] as const)
      writeFileSync(join(folder, 'completions', file), run(program, ['completion', shell]));
  });

  it('fish offers commands with what they are, options and choices', () => {
    const source = `source ${join(folder, 'completions/countersign.fish')}`;
    const offered = (line: string) =>
      run('fish', ['-c', `${source}; complete -C '${line}'`])
        .trimEnd()
        .split('\n');
    expect(offered('countersign verif')).toEqual(['verify\tVerify a bundle offline']);
    expect(offered('countersign panic ')).toEqual(['on', 'off']);
    expect(offered('countersign ls --targ')).toEqual([expect.stringMatching(/^--target\t/)]);
  });

  it('zsh completes a command when Tab is pressed', () => {
    const shown = (typed: string, wanted: string) =>
      run('zsh', ['-f', '-c', zshScript, 'zsh', join(folder, 'completions'), typed, wanted]);
    expect(shown('countersign verif', 'verify')).toContain('countersign verify');
    expect(shown('countersign panic of', 'off')).toContain('panic off');
  });
});
