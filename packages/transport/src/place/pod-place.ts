import { z } from 'zod';
import { ClusterAccess } from '../kubernetes/cluster-access.ts';

const label = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** A container of a pod: the cluster, `namespace`, `pod`, and `container` where the pod has several. */
export const PodPlace = ClusterAccess.extend({
  namespace: z.string().max(63).regex(label, 'use the name of a namespace').default('default'),
  pod: z
    .string()
    .max(253)
    .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, 'use the name of a pod'),
  container: z.string().max(63).regex(label, 'use the name of a container').optional(),
});
export type PodPlace = z.infer<typeof PodPlace>;
