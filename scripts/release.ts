import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeTempFolder } from '../packages/testing/src/temp/temp-folder.ts';
import { repositoryRoot } from './repository-root.ts';

/**
 * Packs what `npm run build` wrote, with the Node that runs it and the units of systemd, into one archive for
 * `deploy/vm/setup.sh`: apps/countersign/release/countersign-VERSION-PLATFORM-ARCH.tar.gz.
 */
const app = join(repositoryRoot, 'apps/countersign');
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')));
const name = `countersign-${version}`;
const folder = join(app, 'release');
const archive = join(folder, `${name}-${process.platform}-${process.arch}.tar.gz`);

execFileSync(process.execPath, [join(repositoryRoot, 'scripts/build.ts')], { stdio: 'inherit' });
using staged = makeTempFolder();
const root = join(staged.path, name);
cpSync(join(app, 'dist'), root, { recursive: true });
mkdirSync(join(root, 'bin'));
cpSync(process.execPath, join(root, 'bin/node'), { dereference: true });
cpSync(join(repositoryRoot, 'deploy/systemd'), join(root, 'systemd'), { recursive: true });
mkdirSync(folder, { recursive: true });
rmSync(archive, { force: true });
// Names, owners and times that do not depend on who packs: the same tree gives the same archive.
const steady = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'];
execFileSync('tar', [...steady, '-I', 'gzip -n', '-cf', archive, '-C', staged.path, name], { stdio: 'inherit' });
console.log(archive);
