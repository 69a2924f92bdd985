import { isUtf8 } from 'node:buffer';
import { type EngineContext, type RepositoryRead, readRepository } from '@countersign/engine';
import {
  JsonObject,
  RepositoryDiff,
  RepositoryFile,
  RepositorySearch,
  RepositoryStatus,
  RepositoryTree,
  readJson,
  type TargetSelector,
} from '@countersign/protocol';
import { type Call, ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

const defaultWaitMs = 30_000;

type Chosen = { readonly named: string } | { readonly selector: TargetSelector };

/** The facts every answer has. */
function facts(read: RepositoryRead): JsonObject {
  const { target, opId, runId, summary, truncated, artifact } = read;
  return { ...summary, target: target.name, op_id: opId, run_id: runId, truncated, artifact_id: artifact?.id ?? null };
}

function text({ artifact }: RepositoryRead): { encoding: 'utf8' | 'base64'; content: string } {
  const content = Buffer.from(artifact?.content ?? new Uint8Array());
  return isUtf8(content)
    ? { encoding: 'utf8', content: content.toString('utf8') }
    : { encoding: 'base64', content: content.toString('base64') };
}

/** The rows of a listing. A mask over a secret may spoil a row: then the rest is there and says that something is cut. */
function rows({ artifact }: RepositoryRead): { rows: JsonObject[]; spoilt: boolean } {
  const lines = Buffer.from(artifact?.content ?? new Uint8Array())
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  const found: JsonObject[] = [];
  for (const line of lines) {
    try {
      found.push(JsonObject.parse(readJson(line)));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return { rows: found, spoilt: found.length < lines.length };
}

function listing(read: RepositoryRead, name: 'entries' | 'hits' | 'changes'): JsonObject {
  const { rows: found, spoilt } = rows(read);
  return { ...facts(read), [name]: found, truncated: read.truncated || spoilt };
}

function given(values: Readonly<Record<string, string | number | boolean | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Splits an alias's query into which repository and what of it. */
function split<Query extends TargetSelector>(
  query: Query,
): { chosen: Chosen; rest: Omit<Query, keyof TargetSelector> } {
  const { target, project, environment, ...rest } = query;
  const selector = {
    ...(target === undefined ? {} : { target }),
    ...(project === undefined ? {} : { project }),
    ...(environment === undefined ? {} : { environment }),
  };
  return { chosen: { selector }, rest };
}

type RepositoryHandlers = Pick<
  Handlers,
  | 'repositoryTree'
  | 'repositoryFile'
  | 'repositorySearch'
  | 'repositoryDiff'
  | 'repositoryStatus'
  | 'aliasTree'
  | 'aliasFile'
  | 'aliasSearch'
  | 'aliasDiff'
  | 'aliasStatus'
  | 'aliasUiStatus'
>;

/** Handlers of the repository reads, under their names and at the source's own addresses. */
export function repositoryRoutes(context: EngineContext): RepositoryHandlers {
  const read = async (call: Call, chosen: Chosen, action: string, inputs: JsonObject): Promise<RepositoryRead> =>
    unwrap(
      await readRepository(context, call.caller, {
        chosen,
        action,
        inputs,
        waitMs: call.waitMs ?? defaultWaitMs,
        signal: call.signal,
      }),
    );
  const tree = async (call: Call, chosen: Chosen, query: Parameters<typeof given>[0]) =>
    ok(RepositoryTree.parse(listing(await read(call, chosen, 'repo.tree', given(query)), 'entries')));
  const file = async (call: Call, chosen: Chosen, query: Parameters<typeof given>[0]) => {
    const found = await read(call, chosen, 'repo.file', given(query));
    return ok(RepositoryFile.parse({ ...facts(found), ...text(found) }));
  };
  const search = async (call: Call, chosen: Chosen, query: Parameters<typeof given>[0]) =>
    ok(RepositorySearch.parse(listing(await read(call, chosen, 'repo.search', given(query)), 'hits')));
  const diff = async (call: Call, chosen: Chosen, query: Parameters<typeof given>[0]) => {
    const { path, ...ends } = query;
    const paths = path === undefined ? {} : { paths: [String(path)] };
    const found = await read(call, chosen, 'repo.diff', { ...given(ends), ...paths });
    const { encoding, content } = text(found);
    return ok(RepositoryDiff.parse({ ...facts(found), encoding, patch: content }));
  };
  const status = async (call: Call, chosen: Chosen) => {
    const found = await read(call, chosen, 'repo.status', {});
    return { target: found.target, status: RepositoryStatus.parse(listing(found, 'changes')) };
  };
  return {
    repositoryTree: (call) => tree(call, { named: call.params.target }, call.query),
    repositoryFile: (call) => file(call, { named: call.params.target }, call.query),
    repositorySearch: (call) => search(call, { named: call.params.target }, call.query),
    repositoryDiff: (call) => diff(call, { named: call.params.target }, call.query),
    repositoryStatus: async (call) => ok((await status(call, { named: call.params.target })).status),
    aliasTree: (call) => tree(call, split(call.query).chosen, split(call.query).rest),
    aliasFile: (call) => file(call, split(call.query).chosen, split(call.query).rest),
    aliasSearch: (call) => search(call, split(call.query).chosen, split(call.query).rest),
    aliasDiff: (call) => diff(call, split(call.query).chosen, split(call.query).rest),
    aliasStatus: async (call) => ok((await status(call, split(call.query).chosen)).status),
    async aliasUiStatus(call) {
      const { target, status: found } = await status(call, split(call.query).chosen);
      const { allow, deny } = found;
      return ok({ active_repository: target, status: found, allowlist: { allow, deny } });
    },
  };
}
