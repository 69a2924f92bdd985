import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { bundle } from './build/bundle.ts';
import { billOfMaterials } from './build/sbom.ts';
import { writeSignInPage } from './build/sign-in-page.ts';
import { writeVerifierPage } from './build/verifier-page.ts';
import { repositoryRoot } from './repository-root.ts';

const app = join(repositoryRoot, 'apps/countersign');
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(await readFile(join(app, 'package.json'), 'utf8')));
const { files, modules } = await bundle({ entry: join(app, 'src/main.ts'), file: join(app, 'dist/countersign.js') });
const page = await writeVerifierPage(join(repositoryRoot, 'apps/verifier'), join(app, 'dist/verify.html'));
const signIn = await writeSignInPage(join(repositoryRoot, 'apps/page'), join(app, 'dist/page'));
await writeFile(join(app, 'dist/sbom.cdx.json'), await billOfMaterials('countersign', version, modules));
for (const { name, sizeBytes } of [...files, page, ...signIn])
  console.log(`dist/${name} ${(sizeBytes / 1024 / 1024).toFixed(2)} MB`);
