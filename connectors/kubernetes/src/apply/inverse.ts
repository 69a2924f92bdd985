import { JsonObject } from '@countersign/protocol';
import { stringify } from 'yaml';
import { stepAnnotation } from '../change/guard.ts';
import { type Subject, titleOf } from '../change/subject.ts';
import type { Inverse } from '../deployment/plan-deployment.ts';
import { applyAction } from '../manifest/write-actions.ts';
import { extractFields, ownedFields, unionOf } from './owned-fields.ts';
import { isObject, meantObject } from './shown-object.ts';

/**
 * How an applied manifest is taken back: by applying what stood in its fields before. A field that was not there is not in that
 * manifest, and the cluster takes away what we applied and no longer apply. What was made anew can only be deleted, which no
 * action does.
 */
export function inverseApply(subject: Subject, live: JsonObject | undefined, result: JsonObject): Inverse {
  if (live === undefined)
    return { reason: `${titleOf(subject)} is made anew: to take it back it must be deleted, which no action does.` };
  const fields = unionOf(ownedFields(live), ownedFields(result));
  const { 'f:status': _status, ...meant } = fields;
  const extracted = extractFields(meantObject(live), meant);
  const { metadata, ...rest } = isObject(extracted) ? extracted : {};
  const annotated = isObject(metadata) && isObject(metadata['annotations']) ? metadata['annotations'] : {};
  const { [stepAnnotation]: _step, ...annotations } = annotated;
  const noted = Object.keys(annotations).length === 0 ? {} : { annotations };
  const labels = isObject(metadata) && metadata['labels'] !== undefined ? { labels: metadata['labels'] } : {};
  const { resource, namespace, name } = subject;
  const place = namespace === undefined ? {} : { namespace };
  const manifest = JsonObject.parse({
    ...{ apiVersion: resource.apiVersion, kind: resource.kind },
    metadata: { name, ...place, ...labels, ...noted },
    ...rest,
  });
  const text = stringify(manifest, { sortMapEntries: true, lineWidth: 0 });
  return { action: applyAction.name, inputs: { manifest: text, ...place } };
}
