import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CodedError } from '@countersign/protocol';
import type { Command } from 'commander';
import { bundleFiles, writeBundle } from '../bundle/bundle-folder.ts';
import { bundleStamp, exportFolder } from '../bundle/export-name.ts';
import { fetchBundle } from '../bundle/fetch-bundle.ts';
import { writeTrust } from '../bundle/trust-file.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

async function repositoryAt(path: string): Promise<string> {
  const isThere = await stat(join(path, '.git')).then(
    () => true,
    () => false,
  );
  if (isThere) return path;
  throw new CodedError('E_VALIDATION', `${path} is no git repository`, {
    field: '--repo',
    next: 'name its top folder',
  });
}

/** `countersign evidence export`: writes `docs/evidence/YYYYMMDD-HHMM[-NN]/` (UTC); the same bundle again changes nothing. */
export function configureEvidenceExport(command: Command, session: Session): void {
  command
    .argument('<id>', 'bundle id, or operation id or prefix')
    .requiredOption('--repo <folder>', 'top folder of the repository');
  addCommonOptions(command);
  addExamples(command, 'countersign evidence export 0198f2a4-7c1e-7000-8000-2f6f1c3a9b11 --repo .');
  setAction<CommonOptions & { repo: string }, [string]>(
    command,
    session,
    async ({ client, deps, print }, options, id) => {
      const repository = await repositoryAt(resolve(deps.cwd, options.repo));
      const evidence = await fetchBundle(client, id);
      const files = bundleFiles(evidence);
      const place = await exportFolder(
        join(repository, 'docs', 'evidence'),
        bundleStamp(evidence, files, deps.now()),
        files,
      );
      if (place === null)
        throw new CodedError('E_STATE', 'there are 99 other bundles of that minute', {
          next: 'use `countersign evidence get --out`',
        });
      if (!place.present) await writeBundle(place.folder, files);
      const trust = await writeTrust(place.folder, evidence.trust);
      print.text(place.folder);
      print.note(place.present ? 'it was there already' : `${files.size} files; commit them: git add docs/evidence`);
      print.document({
        bundle_id: evidence.bundle_id,
        op_id: evidence.op_id,
        folder: place.folder,
        trust,
        present: place.present,
      });
      return 0;
    },
  );
}
