import { fromHex, utf8, verifyConsistency, verifyTlogProof } from '@countersign/evidence';
import { nodeSha256, nodeVerifyCrypto } from '@countersign/evidence/node';
import { CodedError } from '@countersign/protocol';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { type Context, setAction } from '../program/context.ts';
import { wholeNumber } from './whole-number.ts';

interface ProveOptions extends CommonOptions {
  readonly leaf?: number;
  readonly from?: number;
  readonly to?: number;
}

async function proveLeaf({ client, print }: Context, leaf: number): Promise<number> {
  const { tree_size: size } = await client.call('checkpoint');
  const proof = await client.call('proofInclusion', { query: { leaf, size } });
  if (proof.tlog_proof === null) throw new CodedError('E_STATE', 'the log has moved on', { next: 'ask again' });
  const trust = await client.call('trust');
  const verified = await verifyTlogProof(proof.tlog_proof, utf8(proof.entry), trust, nodeVerifyCrypto);
  if (!verified.ok) throw new CodedError('E_VERIFY', `the server's proof does not hold: ${verified.reason}`);
  print.text(proof.tlog_proof);
  print.note(`entry ${leaf} is in the log of ${size} entries`);
  print.document(proof);
  return 0;
}

async function proveGrowth({ client, print }: Context, from: number, wanted: number | undefined): Promise<number> {
  const to = wanted ?? (await client.call('checkpoint')).tree_size;
  const proof = await client.call('proofConsistency', { query: { from, to } });
  const claim = {
    earlierSize: from,
    earlierRoot: fromHex(proof.from_root),
    size: to,
    root: fromHex(proof.to_root),
    proof: proof.hashes.map(fromHex),
  };
  if (!(await verifyConsistency(claim, nodeSha256))) {
    throw new CodedError('E_VERIFY', `the log of ${to} entries does not begin with that of ${from}`);
  }
  print.text([`${from} ${proof.from_root}`, `${to} ${proof.to_root}`, ...proof.hashes].join('\n'));
  print.note(`the log of ${to} entries begins with all ${from} of the earlier one`);
  print.document(proof);
  return 0;
}

/** `countersign audit prove`: that an entry is in the log, or that the log only grew. */
export function configureAuditProve(command: Command, session: Session): void {
  const size = wholeNumber(0, Number.MAX_SAFE_INTEGER);
  command
    .option('--leaf <n>', 'prove that this entry is in the log', size)
    .option('--from <n>', 'prove that the log only grew since it had so many entries', size)
    .option('--to <n>', 'up to so many entries; the newest checkpoint when left out', size);
  addCommonOptions(command);
  addExamples(command, 'countersign audit prove --leaf 17', 'countersign audit prove --from 100 --to 250 --json');
  setAction<ProveOptions>(command, session, async (context, { leaf, from, to }) => {
    if (leaf !== undefined && from === undefined && to === undefined) return proveLeaf(context, leaf);
    if (leaf === undefined && from !== undefined) return proveGrowth(context, from, to);
    const next = 'give --leaf N, or --from N with or without --to N';
    throw new CodedError('E_VALIDATION', 'what shall be proven?', { field: '--leaf', next });
  });
}
