import type { Wording } from '@countersign/protocol';

/** Plurals in English and Spanish, by the kind that they mean. */
const plurals: readonly (readonly [string, readonly string[]])[] = [
  ['pod', ['pods']],
  ['deployment', ['deployments', 'despliegues']],
  ['replicaset', ['replicasets', 'replica sets']],
  ['statefulset', ['statefulsets', 'stateful sets']],
  ['daemonset', ['daemonsets', 'daemon sets']],
  ['service', ['k8s services', 'kubernetes services', 'cluster services']],
  ['configmap', ['configmaps', 'config maps']],
  ['job', ['k8s jobs', 'kubernetes jobs']],
  ['cronjob', ['cronjobs', 'cron jobs']],
  ['ingress', ['ingresses']],
  ['node', ['nodes', 'nodos']],
  ['namespace', ['namespaces']],
];

const said = plurals.flatMap(([kind, words]) => words.map((word) => [kind, word] as const));

export const listWording: Wording = {
  verbs: ['list', 'show'],
  nouns: ['objects'],
  asks: [
    'kubectl get {kind}',
    ...said.flatMap(([kind, word]) => [
      `show ${word} {kind=${kind}}`,
      `list ${word} {kind=${kind}}`,
      `which ${word} are there {kind=${kind}}`,
      `que ${word} hay {kind=${kind}}`,
      `muestra ${word} {kind=${kind}}`,
    ]),
  ],
  details: [
    'in namespace {namespace}',
    'namespace {namespace}',
    'en el namespace {namespace}',
    'in all namespaces {all_namespaces=true}',
    'all namespaces {all_namespaces=true}',
    'en todos los namespaces {all_namespaces=true}',
    'with labels {labels}',
    'labelled {labels}',
    'con etiquetas {labels}',
    'whose name contains {name}',
    'cuyo nombre contiene {name}',
  ],
};

export const podLogsWording: Wording = {
  verbs: ['show', 'follow'],
  nouns: ['log', 'lines', 'lineas'],
  asks: ['kubectl logs', 'what did pod log', 'follow {follow=true}', 'tail {follow=true}', 'sigue {follow=true}'],
  details: [
    'in namespace {namespace}',
    'en el namespace {namespace}',
    'container {container}',
    'of container {container}',
    'del contenedor {container}',
    'previous run {previous=true}',
    'before its restart {previous=true}',
    'antes del reinicio {previous=true}',
    'last {tail} lines',
    '{tail} lines',
    'ultimas {tail} lineas',
    'all lines {tail=all}',
    'todas lineas {tail=all}',
    'since {since}',
    'last {since}',
    'desde hace {since}',
    'ultimos {since}',
    'live {follow=true}',
    'en vivo {follow=true}',
    'with timestamps {timestamps=true}',
    'con marcas de tiempo {timestamps=true}',
  ],
};

export const eventsWording: Wording = {
  verbs: ['list', 'show'],
  nouns: ['kubernetes events', 'k8s events', 'cluster events', 'namespace events', 'eventos de kubernetes'],
  asks: ['kubectl get events', 'what happened in namespace {namespace}', 'que paso en el namespace {namespace}'],
  details: [
    'in namespace {namespace}',
    'en el namespace {namespace}',
    'warnings only {warnings=true}',
    'only warnings {warnings=true}',
    'solo avisos {warnings=true}',
    'since {since}',
    'last {since}',
    'desde hace {since}',
  ],
};

export const describeWording: Wording = {
  verbs: ['describe'],
  nouns: [],
  asks: ['kubectl describe {kind} {name}', 'describe {kind} {name}', 'describe el {kind} {name}'],
  details: ['in namespace {namespace}', 'en el namespace {namespace}'],
};
