import type { Diff, JsonObject } from '@countersign/protocol';
import { stringify } from 'yaml';
import { plainObject } from '../plain-object.ts';
import type { Deployment } from '../resource/answers.ts';
import { withheldPair } from '../resource/withhold-pair.ts';
import { lineDiff } from '../text/line-diff.ts';
import { withoutHash } from './kept-state.ts';
import type { Revision } from './revisions.ts';

type Template = Deployment['spec']['template'];

const plain = (template: Template): JsonObject => plainObject(withoutHash(template));

/** What going back to a revision changes in the pod template, as YAML. */
export function templateDiff(
  step: number,
  path: string,
  { spec }: Deployment,
  present: number,
  target: Revision,
): Diff {
  const [before, after] = withheldPair(plain(spec.template), plain(target.template));
  const options = { sortMapEntries: true, lineWidth: 0 };
  const patch = lineDiff(path, stringify(before, options), stringify(after, options));
  return { step, path, summary: `roll back: revision ${present} to ${target.number}`, patch };
}
