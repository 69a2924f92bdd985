import { resolve } from 'node:path';
import type { Command } from 'commander';
import { bundleFiles, writeBundle } from '../bundle/bundle-folder.ts';
import { fetchBundle } from '../bundle/fetch-bundle.ts';
import { writeTrust } from '../bundle/trust-file.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

/** `countersign evidence get`. */
export function configureEvidenceGet(command: Command, session: Session): void {
  command
    .argument('<id>', 'bundle id, or operation id or prefix')
    .option('--out <folder>', 'where to; evidence-<bundle id> when left out');
  addCommonOptions(command);
  addExamples(
    command,
    'countersign evidence get 0198f2a4-7c1e-7000-8000-2f6f1c3a9b11',
    'countersign evidence get 0198f2a4-7c1e --out proof',
  );
  setAction<CommonOptions & { out?: string }, [string]>(
    command,
    session,
    async ({ client, deps, print }, options, id) => {
      const evidence = await fetchBundle(client, id);
      const folder = resolve(deps.cwd, options.out ?? `evidence-${evidence.bundle_id}`);
      const files = bundleFiles(evidence);
      await writeBundle(folder, files);
      const trust = await writeTrust(folder, evidence.trust);
      print.text(folder);
      print.note(`${files.size} files (${evidence.state}); the keys of the installation are in ${trust}`);
      print.note(`Verify it offline: countersign verify ${folder}`);
      print.document({
        bundle_id: evidence.bundle_id,
        op_id: evidence.op_id,
        state: evidence.state,
        folder,
        trust,
        files: [...files.keys()],
      });
      return 0;
    },
  );
}
