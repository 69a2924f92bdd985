import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/repository-root.ts';

const units = ['countersign.service', 'countersign-worker.service'] as const;
const users = ['countersign', 'countersign-worker'];
/** On systemd's scale from 0 (nothing is exposed) to 10. */
const mostExposed = 2;

/** A machine's files as systemd sees them once the product is installed; `change` edits a unit before. */
function installed(change = (text: string) => text): string {
  const root = tempFolder();
  for (const folder of ['etc/systemd/system', 'opt/countersign/current/bin', 'usr/lib/systemd'])
    mkdirSync(join(root, folder), { recursive: true });
  cpSync('/usr/lib/systemd/system', join(root, 'usr/lib/systemd/system'), { recursive: true });
  for (const unit of units) {
    const text = readFileSync(join(repositoryRoot, 'deploy/systemd', unit), 'utf8');
    writeFileSync(join(root, 'etc/systemd/system', unit), change(text));
  }
  const node = join(root, 'opt/countersign/current/bin/node');
  writeFileSync(node, '#!/bin/sh\n');
  chmodSync(node, 0o755);
  writeFileSync(
    join(root, 'etc/passwd'),
    users.map((name, index) => `${name}:x:${990 + index}:${990 + index}::/:/bin/false\n`).join(''),
  );
  writeFileSync(join(root, 'etc/group'), users.map((name, index) => `${name}:x:${990 + index}:\n`).join(''));
  return root;
}

function verify(root: string): { readonly code: number | null; readonly said: string } {
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', `--root=${root}`, ...units], { encoding: 'utf8' });
  return { code: status, said: stderr };
}

describe('the units of systemd (DO-15, DO-19)', () => {
  it('are what systemd takes, and a planted mistake is not', () => {
    expect(verify(installed())).toEqual({ code: 0, said: '' });
    expect(verify(installed((text) => text.replace('ProtectSystem=strict', 'ProtectSystem=very'))).said).toContain(
      'very',
    );
    expect(verify(installed((text) => text.replace('bin/node ', 'bin/none '))).code).not.toBe(0);
  });

  it.each(units)('%s exposes little of the machine', (unit) => {
    const exposure = (root: string): number => {
      const args = ['security', '--offline=true', `--root=${root}`, unit];
      const said = execFileSync('systemd-analyze', args, { encoding: 'utf8' });
      return Number(/Overall exposure level[^:]*: ([\d.]+)/.exec(said)?.[1]);
    };
    expect(exposure(installed())).toBeLessThan(mostExposed);
    expect(
      exposure(installed((text) => text.replaceAll(/^(Protect|Private|Restrict|SystemCall|Capab).*\n/gm, ''))),
    ).toBeGreaterThan(5);
  });
});
