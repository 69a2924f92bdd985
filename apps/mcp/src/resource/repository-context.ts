import type { RepositoryStatus, TargetView } from '@countersign/protocol';
import type { Bridge } from '../bridge/bridge.ts';
import { type ToldError, toldError } from '../bridge/upstream-error.ts';

/** The source's context: which repository is active, how it stands, which of its paths may be changed. */
interface Context {
  readonly active_repository: Pick<TargetView, 'name' | 'project' | 'environment' | 'tier'> | null;
  readonly repositories: readonly string[];
  readonly status: Omit<RepositoryStatus, 'allow' | 'deny'> | null;
  readonly allowlist: Pick<RepositoryStatus, 'allow' | 'deny'> | null;
  /** Why there is no status. */
  readonly reason: ToldError | string | null;
}

/** The repository that is named, else the only one; its status is an audited read with the caller's own permission. */
export async function repositoryContext({ client, repository }: Bridge): Promise<Context> {
  const { targets } = await client.call('targets');
  const seen = targets.filter(({ connector }) => connector === 'repo');
  const repositories = seen.map(({ name }) => name);
  const active =
    repository === null ? (seen.length === 1 ? seen[0] : undefined) : seen.find(({ name }) => name === repository);
  const none = { active_repository: null, repositories, status: null, allowlist: null };
  if (active === undefined) {
    const reason =
      repositories.length === 0 ? 'you see no repository' : 'several repositories; start with --repository NAME';
    return { ...none, reason: repository === null ? reason : `you see no repository "${repository}"` };
  }
  const { name, project, environment, tier } = active;
  const chosen = { active_repository: { name, project, environment, tier }, repositories };
  try {
    const { allow, deny, ...status } = await client.call('repositoryStatus', { params: { target: name } });
    return { ...chosen, status, allowlist: { allow, deny }, reason: null };
  } catch (error) {
    const told = toldError(error);
    if (told === null) throw error;
    return { ...chosen, status: null, allowlist: null, reason: told };
  }
}
