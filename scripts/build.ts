import { join } from 'node:path';
import { bundle } from './build/bundle.ts';
import { writeVerifierPage } from './build/verifier-page.ts';
import { repositoryRoot } from './repository-root.ts';

const app = join(repositoryRoot, 'apps/countersign');
const written = await bundle({ entry: join(app, 'src/main.ts'), file: join(app, 'dist/countersign.js') });
const page = await writeVerifierPage(join(repositoryRoot, 'apps/verifier'), join(app, 'dist/verify.html'));
for (const { name, sizeBytes } of [...written, page])
  console.log(`dist/${name} ${(sizeBytes / 1024 / 1024).toFixed(1)} MB`);
