import { ClusterAccess } from '@countersign/transport';
import { z } from 'zod';

/** Name of a namespace: an RFC 1123 label. */
export const Namespace = z
  .string()
  .max(63)
  .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, 'use the name of a namespace');

/** What `k8s.apply` takes where the target does not say: nothing that gives rights, and no secrets. */
const everydayKinds = [
  'ConfigMap',
  'CronJob',
  'DaemonSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'Ingress',
  'Job',
  'PodDisruptionBudget',
  'Service',
  'StatefulSet',
];

/** Settings of a Kubernetes target: a kubeconfig, or the account of the pod that the worker runs in. */
export const KubernetesConfig = z
  .strictObject({
    ...ClusterAccess.shape,
    namespace: Namespace.optional().describe("Namespace of steps that name none; left out: the context's, or default."),
    namespaces: z.array(Namespace).min(1).optional().describe('Nothing outside of these is looked at or changed.'),
    apply_kinds: z.array(z.string().min(1)).default(everydayKinds).describe('Kinds that k8s.apply may be given.'),
  })
  .refine(({ kubeconfig, in_cluster }) => (kubeconfig === undefined) === (in_cluster === true), {
    path: ['kubeconfig'],
    error: 'give the path of a kubeconfig, or in_cluster: true; one of them',
  })
  .refine(({ context, in_cluster }) => context === undefined || in_cluster !== true, {
    path: ['context'],
    error: 'a context belongs to a kubeconfig, not to in_cluster',
  });
export type KubernetesConfig = z.infer<typeof KubernetesConfig>;
