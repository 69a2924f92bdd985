import { join } from 'node:path';
import { bundle } from './build/bundle.ts';
import { writeSignInPage } from './build/sign-in-page.ts';
import { writeVerifierPage } from './build/verifier-page.ts';
import { repositoryRoot } from './repository-root.ts';

const app = join(repositoryRoot, 'apps/countersign');
const written = await bundle({ entry: join(app, 'src/main.ts'), file: join(app, 'dist/countersign.js') });
const page = await writeVerifierPage(join(repositoryRoot, 'apps/verifier'), join(app, 'dist/verify.html'));
const signIn = await writeSignInPage(join(repositoryRoot, 'apps/page'), join(app, 'dist/page'));
for (const { name, sizeBytes } of [...written, page, ...signIn])
  console.log(`dist/${name} ${(sizeBytes / 1024 / 1024).toFixed(2)} MB`);
