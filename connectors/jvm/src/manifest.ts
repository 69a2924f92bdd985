import { type ActionDefinition, defineAction } from '@countersign/connector-kit';
import { z } from 'zod';
import { gcWording, heapWording, listWording, statusWording, threadsWording } from './wording.ts';

const JvmReference = z
  .string()
  .max(200)
  .regex(/^(?:[1-9]\d{0,9}|[A-Za-z_$][A-Za-z0-9_.$-]*)$/, 'use the pid, the main class or the jar file of a JVM')
  .meta({ description: 'Pid, main class or jar file of the JVM, as jvm.list shows them.', 'x-entity': 'jvm' });

export const ListInputs = z.strictObject({
  name: z.string().min(1).max(200).optional().describe('Only JVMs whose main class or jar file contains this text.'),
});
/** Inputs of everything that is about one JVM. */
export const JvmInputs = z.strictObject({ jvm: JvmReference });

const second = 1000;
const mebibyte = 1024 * 1024;
const read = {
  version: 1,
  effect: 'read',
  risk: 'low',
  idempotency: 'target_key',
  replay: 'none',
  follows: false,
  timeoutMs: 120 * second,
} as const;

/** `jvm.list`: which JVMs run. */
export const listAction = defineAction({
  ...read,
  name: 'jvm.list',
  title: 'List JVMs',
  description: 'Lists the Java virtual machines of a host or container with pid and main class or jar file.',
  outputCapBytes: mebibyte,
  inputs: ListInputs,
  wording: listWording,
});

/** `jvm.status`: version, uptime, threads, heap and collections of one JVM. */
export const statusAction = defineAction({
  ...read,
  name: 'jvm.status',
  title: 'Show a JVM',
  description: 'Shows version, uptime, threads, classes, heap and garbage collections of one JVM.',
  outputCapBytes: mebibyte,
  inputs: JvmInputs,
  wording: statusWording,
});

/** `jvm.thread_dump`: what every thread does, and which are deadlocked. */
export const threadDumpAction = defineAction({
  ...read,
  name: 'jvm.thread_dump',
  title: 'Dump the threads of a JVM',
  description:
    'Reads what every thread of a JVM does: states, deadlocks with their threads, shared stacks; the whole dump is an artifact.',
  outputCapBytes: 16 * mebibyte,
  inputs: JvmInputs,
  wording: threadsWording,
});

/** `jvm.heap_info`: sizes of the parts of the heap. */
export const heapInfoAction = defineAction({
  ...read,
  name: 'jvm.heap_info',
  title: 'Show the heap of a JVM',
  description: 'Shows how much of the heap of a JVM is used and committed, part by part, without a collection.',
  outputCapBytes: mebibyte,
  inputs: JvmInputs,
  wording: heapWording,
});

/** How long a collection may take; the rest of the time limit is for reading it back. */
export const collectTimeoutMs = 600 * second;

/** `jvm.gc`: one collection. The program stands still meanwhile, or parts of it do: never twice. */
export const gcAction = defineAction({
  name: 'jvm.gc',
  version: 1,
  title: 'Collect the garbage of a JVM',
  description: 'Has a JVM collect the garbage of its whole heap once; its program may stand still meanwhile.',
  effect: 'write',
  risk: 'medium',
  timeoutMs: collectTimeoutMs + 120 * second,
  outputCapBytes: mebibyte,
  idempotency: 'none',
  replay: 'simulated',
  follows: false,
  inputs: JvmInputs,
  wording: gcWording,
});

export const actions: readonly ActionDefinition[] = [
  listAction,
  statusAction,
  threadDumpAction,
  heapInfoAction,
  gcAction,
];

/** JVMs are listed by `jvm.list`. */
export const inventory = [
  { entity: 'jvm', action: listAction.name, inputs: {}, list: 'jvms', name: 'name', aliases: ['pid'] },
];
