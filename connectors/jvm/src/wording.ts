import type { Wording } from '@countersign/protocol';

/** How people ask which JVMs run. */
export const listWording: Wording = {
  verbs: ['list', 'show'],
  nouns: ['jvm', 'jvms', 'java process', 'java processes', 'procesos java'],
  asks: ['jps', 'jcmd -l', 'what jvms are running', 'which jvms are running', 'que jvms hay', 'que jvms corren'],
  details: ['whose name contains {name}', 'name contains {name}', 'cuyo nombre contiene {name}'],
};

/** How people ask what one JVM does. */
export const statusWording: Wording = {
  verbs: ['show'],
  nouns: ['jvm', 'jvm status', 'status of jvm', 'estado de jvm'],
  asks: ['jvm status', 'how is jvm', 'como esta la jvm'],
};

/** How people ask for a thread dump. */
export const threadsWording: Wording = {
  verbs: ['show'],
  nouns: ['thread dump', 'threads', 'stack traces', 'deadlocks', 'hilos', 'volcado de hilos'],
  asks: [
    'jstack',
    'thread dump',
    'take a thread dump',
    'dump threads',
    'is deadlocked',
    'what are threads doing',
    'volcado de hilos',
  ],
};

/** How people ask for the heap. */
export const heapWording: Wording = {
  verbs: ['show'],
  nouns: ['heap', 'heap info', 'heap usage', 'memory', 'memoria'],
  asks: ['heap info', 'how big is heap', 'how much heap', 'how much memory uses', 'cuanta memoria usa'],
};

/** How people ask for a collection. */
export const gcWording: Wording = {
  verbs: ['run'],
  nouns: ['gc', 'garbage collection', 'garbage collector', 'recolector de basura'],
  asks: ['collect garbage', 'force gc', 'trigger gc', 'jcmd GC.run', 'recoge basura'],
};
