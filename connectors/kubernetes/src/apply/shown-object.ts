import type { Json, JsonObject } from '@countersign/protocol';
import { isControllerNote, stepAnnotation } from '../change/guard.ts';

/** What the cluster writes by itself: it is in no diff. */
const clusterFields = ['managedFields', 'resourceVersion', 'uid', 'creationTimestamp', 'generation', 'selfLink'];

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function told(annotations: Json | undefined): JsonObject {
  if (!isObject(annotations)) return {};
  return Object.fromEntries(
    Object.entries(annotations).filter(([name]) => name !== stepAnnotation && !isControllerNote(name)),
  );
}

/** An object as people mean it: without status, and without what the cluster and its controllers write. */
export function meantObject({ status: _status, ...object }: JsonObject): JsonObject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const kept = Object.entries(metadata).filter(([name]) => !clusterFields.includes(name) && name !== 'annotations');
  const annotations = told(metadata['annotations']);
  const noted = Object.keys(annotations).length === 0 ? {} : { annotations };
  return { ...object, metadata: { ...Object.fromEntries(kept), ...noted } };
}

/** A service to be made, without the ports of nodes that its manifest leaves to the cluster: a dry run only guesses them. */
export function withoutGuesses(result: JsonObject, manifest: JsonObject): JsonObject {
  const spec = result['spec'];
  if (result['kind'] !== 'Service' || !isObject(spec) || !Array.isArray(spec['ports'])) return result;
  const wanted =
    isObject(manifest['spec']) && Array.isArray(manifest['spec']['ports']) ? manifest['spec']['ports'] : [];
  const ports = spec['ports'].map((port, index) => {
    const told = wanted[index];
    if (!isObject(port) || (isObject(told) && told['nodePort'] !== undefined)) return port;
    const { nodePort: _guessed, ...rest } = port;
    return rest;
  });
  return { ...result, spec: { ...spec, ports } };
}

function same(left: Json | undefined, right: Json | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** What two objects have in common: what one server made up twice, and otherwise each time, is left out. */
export function commonPart(one: JsonObject, other: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(one).flatMap(([key, value]): [string, Json][] => {
      const beside = other[key];
      if (isObject(value) && isObject(beside)) return [[key, commonPart(value, beside)]];
      if (Array.isArray(value) && Array.isArray(beside) && value.length === beside.length) {
        return [
          [
            key,
            value.map((each, index) =>
              isObject(each) && isObject(beside[index]) ? commonPart(each, beside[index]) : each,
            ),
          ],
        ];
      }
      return same(value, beside) ? [[key, value]] : [];
    }),
  );
}
