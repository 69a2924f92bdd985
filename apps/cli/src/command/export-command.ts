import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Client } from '@countersign/client';
import { CodedError } from '@countersign/protocol';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

const page = 200;

/** Everything of a list that is paged by the operation's id. */
async function whole<Item extends { readonly op_id: string }>(
  next: (query: { limit: number; before?: string }) => Promise<readonly Item[]>,
): Promise<Item[]> {
  const found: Item[] = [];
  for (;;) {
    const before = found.at(-1)?.op_id;
    const items = await next({ limit: page, ...(before !== undefined && { before }) });
    found.push(...items);
    if (items.length < page) return found;
  }
}

async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'E_NOT_FOUND') return null;
    throw error;
  }
}

/** Every file of the source's layout, by its path below the folder. Keys stand in none: no server gives any. */
async function filesOf(client: Client): Promise<Map<string, unknown>> {
  const files = new Map<string, unknown>();
  const plan = await orNull(client.call('taskPlanGet'));
  if (plan !== null) files.set('plan.json', plan);
  files.set('provider.json', await client.call('aliasProvider'));
  for (const status of ['pending', 'rejected'] as const) {
    const drafts = await whole(
      async (query) => (await client.call('draftList', { query: { ...query, status } })).drafts,
    );
    for (const draft of drafts) files.set(`drafts/${draft.id}.json`, draft);
  }
  const approved = await whole(async (query) => (await client.call('approvedList', { query })).approved);
  for (const each of approved) files.set(`approved/${each.id}.json`, each);
  const runs = await whole(async (query) => (await client.call('runList', { query })).runs);
  for (const run of runs)
    files.set(`runs/${run.id}.json`, await client.call('aliasRunGet', { params: { run_id: run.id } }));
  return files;
}

/** `countersign export`: drafts, what was approved, runs and task list as the source keeps them in a folder. */
export function configure(command: Command, session: Session): void {
  command.argument('<folder>', 'a new or empty folder');
  addCommonOptions(command);
  addExamples(command, 'countersign export ./ops');
  setAction<CommonOptions, [string]>(command, session, async ({ client, deps, print }, _options, name) => {
    const folder = resolve(deps.cwd, name);
    const files = await filesOf(client);
    for (const part of ['drafts', 'approved', 'runs']) await mkdir(join(folder, part), { recursive: true });
    for (const [path, value] of files) {
      await writeFile(join(folder, path), `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
    }
    print.text(folder);
    print.note(`${files.size} files`);
    print.document({ folder, files: [...files.keys()] });
    return 0;
  });
}
