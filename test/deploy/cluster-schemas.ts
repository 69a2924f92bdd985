import { Ajv } from 'ajv';
import { z } from 'zod';

const Kind = z.object({ group: z.string(), version: z.string(), kind: z.string() });
const Definition = z.looseObject({ 'x-kubernetes-group-version-kind': z.array(Kind).optional() });
const OpenApi = z.object({ definitions: z.record(z.string(), Definition) });
const Document = z.looseObject({ apiVersion: z.string(), kind: z.string() });

/** Judges documents by the OpenAPI description that a cluster gives of itself, where what it does not name is a mistake. Answers problems. */
export function clusterSchemas(openApi: string): (document: unknown) => string[] {
  const { definitions } = OpenApi.parse(JSON.parse(openApi, strictly));
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'cluster', definitions });
  return (document) => {
    const { apiVersion, kind } = Document.parse(document);
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const [name] =
      Object.entries(definitions).find(([, definition]) =>
        definition['x-kubernetes-group-version-kind']?.some(
          (each) => each.group === group && each.version === version && each.kind === kind,
        ),
      ) ?? [];
    if (name === undefined) return [`the cluster knows no ${apiVersion} ${kind}`];
    const validate = ajv.compile({ $ref: `cluster#/definitions/${name}` });
    if (validate(document)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${kind} ${instancePath} ${message ?? ''}`);
  };
}

function strictly(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  // A port may be a number or a name.
  if ('format' in value && value.format === 'int-or-string') return { type: ['string', 'integer'] };
  const named =
    'type' in value && value.type === 'object' && 'properties' in value && !('additionalProperties' in value);
  return named ? { ...value, additionalProperties: false } : value;
}
