import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes, OperationView, VerifyReport } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { z } from 'zod';
import type { ProvenOperation } from './part/part.ts';
import type { Stage } from './stage/stage.ts';

const part = 'evidence';
const trust = 'trust.json';
const Report = z.object(VerifyReport.shape);

const folderOf = ({ part: name }: ProvenOperation): string => `bundle-${name}`;

async function proveOne(stage: Stage, operation: ProvenOperation): Promise<void> {
  const { what, opId } = operation;
  const isAnchored = async () =>
    stage.signal.aborted || (await stage.ask(['show', opId])).parse(OperationView).evidence === 'anchored';
  await waitUntil(`the evidence of ${what} is anchored`, isAnchored, { timeoutMs: 30_000, intervalMs: 300 });
  await stage.show({
    ...{ part, title: `The evidence of the ${what}`, words: ['evidence', 'get', opId, '--out', folderOf(operation)] },
    read: (said) => {
      const { state, files } = said.parse(z.object({ state: z.string(), files: z.array(z.string()) }));
      return [`${files.length} files, ${state}`];
    },
  });
  await stage.showOffline({
    ...{ part, title: 'It verifies offline, by keys that were kept elsewhere' },
    words: ['verify', folderOf(operation), '--trust', trust],
    read: (said) => {
      const { state, findings } = said.parse(Report);
      return [`${stage.teller.colors.green(state)}: ${findings.length} findings, signatures and log proof included`];
    },
  });
}

async function tamper(stage: Stage, operation: ProvenOperation): Promise<void> {
  const [whole, changed] = [join(stage.folder, folderOf(operation)), join(stage.folder, 'bundle-changed')];
  cpSync(whole, changed, { recursive: true });
  const bytes = readFileSync(join(changed, 'plan.md'));
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  writeFileSync(join(changed, 'plan.md'), bytes);
  await stage.showOffline({
    ...{ part, title: 'One bit of its plan.md is flipped: the verifier names the file' },
    words: ['verify', 'bundle-changed', '--trust', trust],
    exit: errorCodes.E_VERIFY.exit,
    read: (said) => {
      const { state, findings } = said.parse(Report);
      const failed = findings.filter((finding) => finding.state === 'fail');
      if (!failed.some(({ file }) => file === 'plan.md')) throw new Error('plan.md was not named');
      return failed.map(({ file, detail }) => `${stage.teller.colors.red(state)}: ${file ?? 'the bundle'}: ${detail}`);
    },
  });
}

const Entries = z.object({
  entries: z
    .array(
      z.object({
        leaf_index: z.int(),
        event: z.string(),
        actor: z.object({ principal: z.string() }),
        detail: z.object({ reason: z.string() }),
      }),
    )
    .min(1),
});

/** What was denied has no bundle: its entry is proven to be in the log. */
async function proveDenial(stage: Stage): Promise<void> {
  let leaf = -1;
  await stage.show({
    ...{ part, title: 'The denial stands in the audit log' },
    words: ['audit', 'ls', '--event', 'operation.denied', '--newest', '--limit', '1'],
    read: (said) => {
      const [entry] = said.parse(Entries).entries;
      leaf = entry?.leaf_index ?? -1;
      return [`entry ${leaf}: ${entry?.event} for ${entry?.actor.principal}: ${entry?.detail.reason}`];
    },
  });
  await stage.show({
    ...{ part, title: 'That it stands there is proven by the tree that the server signed' },
    words: ['audit', 'prove', '--leaf', String(leaf)],
    read: (said) => {
      const { entry } = said.parse(z.object({ entry: z.string() }));
      if (!entry.includes('operation.denied')) throw new Error('another entry was proven');
      return [`entry ${leaf} is in the log`];
    },
  });
}

/** Fetches and verifies the bundle of each change, does one again, changes a byte of it, and verifies the log that holds reads and refusals too. */
export async function proveAll(stage: Stage, operations: readonly ProvenOperation[]): Promise<void> {
  await stage.show({
    ...{ part, title: 'The keys of the installation, as an auditor keeps them' },
    words: ['trust', 'export', '--out', trust],
    read: () => [`in ${trust}`],
  });
  for (const operation of operations) await proveOne(stage, operation);
  const [first] = operations;
  if (first !== undefined) {
    await stage.showOffline({
      ...{ part, title: `The ${first.what} is replayed offline from what its bundle records` },
      words: ['replay', folderOf(first), '--trust', trust],
      read: (said) => {
        const { mode, matches } = said.parse(z.object({ mode: z.string(), matches: z.boolean().nullable() }));
        if (matches === false) throw new Error('the replay differs from the bundle');
        return [
          `${mode}: ${matches === true ? 'equal in everything that was compared' : 'signatures and digest hold'}`,
        ];
      },
    });
    await tamper(stage, first);
  }
  if (operations.some(({ part: name }) => name === 'docker')) await proveDenial(stage);
  await stage.show({
    ...{ part, title: 'The whole log verifies, with every read and every refusal in it' },
    words: ['audit', 'verify'],
    read: (said) => {
      const { tree_size: size } = said.parse(z.object({ tree_size: z.number() }));
      return [`${size} entries, each in the signed tree`];
    },
  });
}
