import type { JsonObject } from '@countersign/protocol';
import { stepAnnotation } from '../change/guard.ts';
import type { Patch } from '../change/write.ts';
import { plainObject } from '../plain-object.ts';
import type { ApiObject } from '../resource/answers.ts';
import type { ChosenContainer } from './change-diff.ts';
import { restartedAnnotation } from './kept-state.ts';
import type { Revision } from './revisions.ts';

const mergePatch = 'application/merge-patch+json';
const strategicMergePatch = 'application/strategic-merge-patch+json';
const jsonPatch = 'application/json-patch+json';

/** Who writes, and what it is written over: the API refuses another resourceVersion. */
function written({ metadata }: ApiObject, key: string): JsonObject {
  return { resourceVersion: metadata.resourceVersion, annotations: { [stepAnnotation]: key } };
}

/** Sets how many pods there are. */
export function scalePatch(object: ApiObject, key: string, replicas: number): Patch {
  return { mediaType: mergePatch, body: { metadata: written(object, key), spec: { replicas } } };
}

/** Marks the template, so that pods of it are new ones; kubectl's own way. */
export function restartPatch(object: ApiObject, key: string, nowMs: number): Patch {
  const annotations = { [restartedAnnotation]: new Date(nowMs).toISOString() };
  return {
    mediaType: mergePatch,
    body: { metadata: written(object, key), spec: { template: { metadata: { annotations } } } },
  };
}

/** Sets one container's image; the strategic patch finds the container by its name. */
export function imagePatch(object: ApiObject, key: string, { list, name }: ChosenContainer, image: string): Patch {
  return {
    mediaType: strategicMergePatch,
    body: { metadata: written(object, key), spec: { template: { spec: { [list]: [{ name, image }] } } } },
  };
}

/** Puts a whole template in the place of the present one. */
export function templatePatch(object: ApiObject, key: string, { template }: Revision): Patch {
  const { annotations, resourceVersion } = object.metadata;
  return {
    mediaType: jsonPatch,
    body: [
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'add', path: '/metadata/annotations', value: { ...annotations, [stepAnnotation]: key } },
      { op: 'replace', path: '/spec/template', value: plainObject(template) },
    ],
  };
}
