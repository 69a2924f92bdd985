import type { Wording } from '@countersign/protocol';

const place = ['in namespace {namespace}', 'namespace {namespace}', 'en el namespace {namespace}'];
const waiting = [
  'wait {wait_seconds}',
  'within {wait_seconds}',
  'espera {wait_seconds}',
  'without waiting {wait_seconds=0}',
  'sin esperar {wait_seconds=0}',
];

export const scaleWording: Wording = {
  verbs: ['scale', 'escala', 'escalar'],
  nouns: ['deployment'],
  asks: [
    'scale {deployment} to {replicas}',
    'scale deployment {deployment} to {replicas}',
    'scale up {deployment} to {replicas}',
    'scale down {deployment} to {replicas}',
    'kubectl scale deployment {deployment} --replicas={replicas}',
    'escala {deployment} a {replicas}',
    'escala el deployment {deployment} a {replicas}',
  ],
  details: [
    'to {replicas} replicas',
    'to {replicas} pods',
    'to {replicas}',
    '{replicas} replicas',
    'a {replicas}',
    'a {replicas} replicas',
    'a {replicas} pods',
    ...place,
    ...waiting,
  ],
};

export const restartWording: Wording = {
  verbs: ['restart'],
  nouns: ['deployment', 'pods of deployment', 'pods del deployment'],
  asks: [
    'kubectl rollout restart deployment {deployment}',
    'rollout restart {deployment}',
    'rolling restart of {deployment}',
    'reinicia el deployment {deployment}',
  ],
  details: [...place, ...waiting],
};

export const setImageWording: Wording = {
  verbs: ['set', 'pon'],
  nouns: ['image of deployment', 'image', 'imagen', 'imagen del deployment'],
  asks: [
    'set image of {deployment} to {image}',
    'set the image of deployment {deployment} to {image}',
    'deploy image {image} to {deployment}',
    'pon la imagen {image} en {deployment}',
  ],
  details: [
    'to {image}',
    'a {image}',
    'image {image}',
    'imagen {image}',
    'container {container}',
    'in container {container}',
    'contenedor {container}',
    ...place,
    ...waiting,
  ],
};

export const rollbackWording: Wording = {
  verbs: ['roll back', 'rollback', 'undo'],
  nouns: ['deployment', 'rollout'],
  asks: [
    'kubectl rollout undo deployment {deployment}',
    'roll back {deployment}',
    'roll back deployment {deployment}',
    'roll deployment {deployment} back',
    'vuelve a la version anterior de {deployment}',
    'vuelve a la revision anterior de {deployment}',
  ],
  details: ['to revision {to_revision}', 'revision {to_revision}', 'a la revision {to_revision}', ...place, ...waiting],
};

export const applyWording: Wording = {
  verbs: ['apply'],
  nouns: ['manifest', 'manifiesto'],
  asks: ['kubectl apply'],
  details: [...place, 'with force {force=true}', 'force conflicts {force=true}', ...waiting],
};
