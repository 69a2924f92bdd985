import { fingerprint } from '@countersign/connector-kit';
import { z } from 'zod';
import { plainObject } from '../plain-object.ts';
import { type ApiObject, Deployment } from '../resource/answers.ts';

/** By this annotation the deployment controller numbers the templates that a deployment had. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';
/** By this annotation of the template pods are made anew; kubectl's own. */
export const restartedAnnotation = 'kubectl.kubernetes.io/restartedAt';

/** What a deployment is, as it is kept with the intent, and given as what stands after the change. */
export const DeploymentState = z.strictObject({
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  generation: z.int(),
  replicas: z.int(),
  paused: z.boolean(),
  strategy: z.string(),
  /** Image of each container by its name. */
  images: z.record(z.string(), z.string()),
  init_images: z.record(z.string(), z.string()),
  /** Number of the present template; 0 before the controller has seen the deployment. */
  revision: z.int(),
  restarted_at: z.string(),
  /** Fingerprint of the pod template. */
  template: z.string(),
});
export type DeploymentState = z.infer<typeof DeploymentState>;

/** Fingerprint of a pod template, without the label by which the controller tells templates apart. */
export function templateFingerprint(template: Deployment['spec']['template']): string {
  return fingerprint(plainObject(withoutHash(template)));
}

/** The template without the controller's own label. */
export function withoutHash(template: Deployment['spec']['template']): Deployment['spec']['template'] {
  const { 'pod-template-hash': _hash, ...labels } = template.metadata.labels;
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** The state of a deployment's object. */
export function deploymentState(object: ApiObject): DeploymentState {
  const { metadata, spec } = Deployment.parse(object);
  const { template } = spec;
  const imagesOf = (containers: { name: string; image: string }[]) =>
    Object.fromEntries(containers.map(({ name, image }) => [name, image]));
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    uid: metadata.uid,
    generation: metadata.generation ?? 0,
    replicas: spec.replicas,
    paused: spec.paused,
    strategy: spec.strategy.type,
    images: imagesOf(template.spec.containers),
    init_images: imagesOf(template.spec.initContainers),
    revision: Number(metadata.annotations[revisionAnnotation] ?? 0),
    restarted_at: template.metadata.annotations[restartedAnnotation] ?? '',
    template: templateFingerprint(template),
  };
}
