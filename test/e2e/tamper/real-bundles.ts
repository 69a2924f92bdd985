import { fetchBundle } from '../harness/bundle.ts';
import type { Stage } from '../harness/describe-server.ts';
import { anchored, approve, confirm, propose, runToEnd, show, writeFiles } from '../harness/flow.ts';
import type { Tier } from '../harness/open-server.ts';
import type { Files } from './tamper-bundle.ts';

/** Executes changes in every tier and answers their anchored bundles, and checkpoints from along the way. */
export async function realBundles(
  { alice, bob }: Stage,
  count: number,
): Promise<{ bundles: Files[]; ids: string[]; notes: string[] }> {
  const bundles: Files[] = [];
  const ids: string[] = [];
  const notes: string[] = [];
  const tiers: readonly Tier[] = ['dev', 'stage', 'prod'];
  for (let index = 0; index < count; index += 1) {
    const tier = tiers[index % tiers.length] ?? 'dev';
    const files = { [`f${index}.txt`]: `line ${index}\n`, 'config/app.yaml': `name: shop\nreplicas: ${index + 2}\n` };
    const planned = await propose(alice.client, writeFiles(tier, files, `Change ${index} \u202e of the tests`));
    if (tier === 'stage') await confirm(alice.client, await show(alice.client, planned.op_id));
    if (tier === 'prod') await approve(bob.client, planned.op_id);
    const ended = await runToEnd(alice.client, planned);
    await anchored(alice.client, ended.op_id);
    bundles.push((await fetchBundle(alice.client, ended.bundle_id)).files);
    ids.push(ended.bundle_id);
    notes.push((await alice.client.call('checkpoint')).note);
  }
  return { bundles, ids, notes };
}
