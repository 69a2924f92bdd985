import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

// Beside the bundle that is shipped; in a checkout where `npm run build` writes it.
const places = ['verify.html', '../../dist/verify.html'].map((path) => join(import.meta.dirname, path));

/** The standalone verifier's page; null where it was not built. */
export async function readVerifierPage(): Promise<string | null> {
  for (const place of places) {
    const page = await readFile(place, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    });
    if (page !== null) return page;
  }
  return null;
}
