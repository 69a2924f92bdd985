import { fromBase64, visible } from '@countersign/evidence';
import { CodedError, type EvidenceView } from '@countersign/protocol';
import { z } from 'zod';
import { sealedBundle } from '../bridge/approved-content.ts';
import { dataFrom, defineTool } from './tool.ts';

const mostCharacters = 65_536;

/** Identifies a bundle in every tool about evidence. */
export const BundleArgument = z.string().describe('Id of a bundle, as get_run_status answers it.');

/** The files of a bundle as the server gave them. E_VERIFY where one is no base64. */
export function bundleFiles({ files }: EvidenceView): Map<string, Uint8Array> {
  return new Map(
    files.map(({ path, content_base64: content }) => {
      const bytes = fromBase64(content);
      if (bytes === null) throw new CodedError('E_VERIFY', `file ${JSON.stringify(path)} of the bundle is not base64`);
      return [path, bytes];
    }),
  );
}

function textOf(path: string, bytes: Uint8Array | undefined, files: ReadonlyMap<string, Uint8Array>) {
  if (bytes === undefined) {
    const choices = [...files.keys()].sort();
    const next = `choose one of ${choices.join(', ')}`;
    throw new CodedError('E_NOT_FOUND', `the bundle has no file ${JSON.stringify(path)}`, { field: 'file', next });
  }
  const text = visible(new TextDecoder().decode(bytes));
  return { path, text: text.slice(0, mostCharacters), cut: text.length > mostCharacters };
}

/** `get_evidence`: which files prove an executed operation, and what one of them says. */
export const getEvidence = defineTool({
  name: 'get_evidence',
  title: 'Read evidence',
  description:
    'Lists the files of a sealed bundle of evidence; with file, also the text of that one (plan.json, approvals.json, run.json, diffs/…).',
  input: z.strictObject({
    bundle_id: BundleArgument,
    file: z.string().max(400).optional().describe('Path of one file of the bundle.'),
  }),
  output: z.strictObject({
    bundle_id: z.string(),
    state: z.string(),
    installation: z.string(),
    files: z.array(z.strictObject({ path: z.string(), size_bytes: z.int() })),
    file: z.strictObject({ path: z.string(), text: z.string(), cut: z.boolean() }).nullable(),
  }),
  annotations: { readOnlyHint: true },
  async run({ bundle_id: id, file }, bridge) {
    const evidence = await sealedBundle(bridge, id);
    const files = bundleFiles(evidence);
    const content = {
      bundle_id: evidence.bundle_id,
      state: evidence.state,
      installation: evidence.trust.installation,
      files: [...files].map(([path, bytes]) => ({ path, size_bytes: bytes.length })),
      file: file === undefined ? null : textOf(file, files.get(file), files),
    };
    return dataFrom(`evidence ${id}`, content);
  },
});
