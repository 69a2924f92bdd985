/** Kinds that can be listed and described, by the word that the actions use. Secrets are none of them. */
export const kinds = [
  'configmap',
  'cronjob',
  'daemonset',
  'deployment',
  'endpoints',
  'horizontalpodautoscaler',
  'ingress',
  'job',
  'namespace',
  'node',
  'persistentvolumeclaim',
  'pod',
  'replicaset',
  'service',
  'serviceaccount',
  'statefulset',
] as const;
export type Kind = (typeof kinds)[number];

/** Where the API keeps one kind of object. */
export interface Resource {
  /** As objects spell it: `Deployment`. */
  readonly kind: string;
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** As paths spell it: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

const core = (kind: string, plural: string, namespaced = true): Resource[] => [
  { kind, apiVersion: 'v1', plural, namespaced },
];
const apps = (kind: string, plural: string): Resource[] => [{ kind, apiVersion: 'apps/v1', plural, namespaced: true }];
const versions = (kind: string, plural: string, apiVersions: readonly string[]): Resource[] =>
  apiVersions.map((apiVersion) => ({ kind, apiVersion, plural, namespaced: true }));

/** Where each kind is kept, the newest version of the API first: a cluster serves the first that it knows. */
export const resourcesOf: Readonly<Record<Kind, readonly Resource[]>> = {
  configmap: core('ConfigMap', 'configmaps'),
  cronjob: versions('CronJob', 'cronjobs', ['batch/v1', 'batch/v1beta1']),
  daemonset: apps('DaemonSet', 'daemonsets'),
  deployment: apps('Deployment', 'deployments'),
  endpoints: core('Endpoints', 'endpoints'),
  horizontalpodautoscaler: versions('HorizontalPodAutoscaler', 'horizontalpodautoscalers', ['autoscaling/v1']),
  ingress: versions('Ingress', 'ingresses', ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1']),
  job: versions('Job', 'jobs', ['batch/v1']),
  namespace: core('Namespace', 'namespaces', false),
  node: core('Node', 'nodes', false),
  persistentvolumeclaim: core('PersistentVolumeClaim', 'persistentvolumeclaims'),
  pod: core('Pod', 'pods'),
  replicaset: apps('ReplicaSet', 'replicasets'),
  service: core('Service', 'services'),
  serviceaccount: core('ServiceAccount', 'serviceaccounts'),
  statefulset: apps('StatefulSet', 'statefulsets'),
};

/** The API group of a version: `apps` of `apps/v1`, empty for `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** `deployments.apps`, as roles and `kubectl auth can-i` name it. */
export function resourceName({ plural, apiVersion }: Pick<Resource, 'plural' | 'apiVersion'>): string {
  const group = groupOf(apiVersion);
  return group === '' ? plural : `${plural}.${group}`;
}

/** Path of a version of the API: `/api/v1`, `/apis/apps/v1`. */
export function versionPath(apiVersion: string): string {
  const encoded = apiVersion.split('/').map(encodeURIComponent).join('/');
  return apiVersion.includes('/') ? `/apis/${encoded}` : `/api/${encoded}`;
}

/** Path of one object, or of all objects of a namespace or of the cluster. */
export function objectPath(resource: Resource, namespace: string | undefined, name?: string): string {
  const within = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const one = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${versionPath(resource.apiVersion)}${within}/${resource.plural}${one}`;
}
