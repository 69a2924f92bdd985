import { runEnded } from '@countersign/kernel';
import type { EntityListing, Json, JsonObject, TargetRef } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { prepareOperation } from '../operation/prepare-operation.ts';
import { waitForOperation } from '../operation/wait-for-operation.ts';
import { cancelOperation } from '../run/cancel-operation.ts';
import { executeRead } from '../run/execute-read.ts';

/** A thing as it was read from a system: untrusted text. */
export interface ListedName {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** A list of names, and why it is missing or not whole. */
export interface ListedNames {
  readonly names: readonly ListedName[];
  readonly problem: string | null;
  /** When it was read, in epoch ms; null where nothing was. */
  readonly readAt: number | null;
}

const patienceMs = 4_000;
const mostNames = 1_000;
// What no tool needs in a name, and what could make one name look like another, is not taken.
const plainName = /^[^\p{C}\p{Z}]{1,200}$/u;
const plainValue = /^[^\p{C}]{0,200}$/u;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isName = (value: Json | undefined): value is string => typeof value === 'string' && plainName.test(value);

function labelsIn(said: Json | undefined): ListedName['labels'] {
  if (!isObject(said)) return {};
  const plain = Object.entries(said).filter(
    (entry): entry is [string, string] => isName(entry[0]) && typeof entry[1] === 'string' && plainValue.test(entry[1]),
  );
  return Object.fromEntries(plain);
}

function namesIn(summary: JsonObject, { list, name, aliases, labels }: EntityListing, readAt: number): ListedNames {
  const entries = summary[list];
  if (!Array.isArray(entries)) return { names: [], problem: `its list has no "${list}"`, readAt: null };
  const objects = entries.filter(isObject);
  const names = objects.flatMap((entry): ListedName[] => {
    const said = entry[name];
    if (!isName(said)) return [];
    const others = aliases.map((alias) => entry[alias]).filter(isName);
    return [{ name: said, aliases: others, labels: labels === undefined ? {} : labelsIn(entry[labels]) }];
  });
  const isWhole = summary['truncated'] !== true && names.length === entries.length && names.length <= mostNames;
  return {
    names: names.slice(0, mostNames),
    problem: isWhole ? null : 'its list is not whole: it is long, or holds names that are not plain',
    readAt,
  };
}

/** Runs the read action that lists one kind of thing, as this caller, and takes the names out of its summary. */
export async function listEntities(
  context: EngineContext,
  caller: Caller,
  target: TargetRef,
  listing: EntityListing,
  signal: AbortSignal,
): Promise<ListedNames> {
  const { name, project, environment } = target;
  const steps = [{ action: listing.action, inputs: listing.inputs }];
  const failed = (problem: string): ListedNames => ({ names: [], problem, readAt: null });
  const prepared = await prepareOperation(context, caller, { target: name, project, environment }, steps);
  if (!prepared.ok) return failed(prepared.message);
  const key = { route: 'planner.inventory', key: context.ids.next(), body: {} };
  const started = await executeRead(context, caller, prepared.value, key);
  if (!started.ok) return failed(started.message);
  const ended = await waitForOperation(
    context,
    started.value,
    patienceMs,
    async (reads) => {
      const run = await reads.runs.byOperation(started.value);
      return run !== null && runEnded(run.state);
    },
    signal,
  );
  if (!ended) {
    await cancelOperation(context, caller, started.value, 'nobody waits for this list any more');
    return failed(`it did not answer within ${patienceMs / 1000} s`);
  }
  const run = await context.store.read((reads) => reads.runs.byOperation(started.value));
  if (run?.state !== 'succeeded' || run.summary === null) return failed(run?.failure?.message ?? 'the read failed');
  return namesIn(run.summary, listing, run.endedAt ?? context.clock.now());
}
