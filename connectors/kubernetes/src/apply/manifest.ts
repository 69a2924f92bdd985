import { JsonObject } from '@countersign/protocol';
import { type Document, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { ObjectName } from '../manifest/names.ts';

/** Aliases may be resolved so often: more is a text that unfolds without end. */
const maxAliases = 100;

const Head = z.looseObject({
  apiVersion: z
    .string()
    .regex(/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?v[a-z0-9]+$/, 'use a version such as v1 or apps/v1'),
  kind: z.string().regex(/^[A-Z][A-Za-z0-9]*$/, 'use a kind such as Deployment'),
  metadata: z.looseObject({ name: ObjectName, namespace: z.string().optional() }),
});

/** One object as somebody wants it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** The namespace that the manifest itself names. */
  readonly namespace: string | undefined;
  /** All of it, without what only the cluster writes. */
  readonly object: JsonObject;
}

/** Fields of the metadata that the cluster writes, and that a manifest copied from a cluster brings along. */
const clusterFields = ['managedFields', 'resourceVersion', 'uid', 'creationTimestamp', 'generation', 'selfLink'];

function plainObject(document: Document): JsonObject | string {
  try {
    const parsed = JsonObject.safeParse(document.toJS({ maxAliasCount: maxAliases }));
    return parsed.success ? parsed.data : 'the manifest is not one object';
  } catch {
    // The library throws where aliases would unfold a small text into a large one.
    return 'the manifest unfolds too many aliases: write its values out';
  }
}

/** Reads a manifest; the text is why it is none. */
export function parseManifest(text: string): Manifest | string {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return 'the manifest is empty';
  const [document, second] = documents;
  if (document === undefined) return 'the manifest is empty';
  if (second !== undefined) return 'the manifest holds several objects: propose one step for each';
  const [broken] = document.errors;
  if (broken !== undefined) return `the manifest is no YAML: ${broken.message.split('\n')[0]}`;
  const parsed = plainObject(document);
  if (typeof parsed === 'string') return parsed;
  const head = Head.safeParse(parsed);
  if (!head.success) {
    const [issue] = head.error.issues;
    return `the manifest's ${issue?.path.join('.') ?? 'content'}: ${issue?.message ?? 'is not valid'}`;
  }
  const { apiVersion, kind, metadata } = head.data;
  const { status: _status, ...rest } = parsed;
  const kept = Object.entries(JsonObject.parse(metadata)).filter(([name]) => !clusterFields.includes(name));
  const object = { ...rest, metadata: Object.fromEntries(kept) };
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace, object };
}
