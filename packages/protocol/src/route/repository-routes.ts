import { TargetSelector } from '../operation/operation.ts';
import {
  RepositoryContext,
  RepositoryDiff,
  RepositoryDiffAliasQuery,
  RepositoryDiffQuery,
  RepositoryFile,
  RepositoryFileAliasQuery,
  RepositoryFileQuery,
  RepositoryParams,
  RepositorySearch,
  RepositorySearchAliasQuery,
  RepositorySearchQuery,
  RepositoryStatus,
  RepositoryTree,
  RepositoryTreeAliasQuery,
  RepositoryTreeQuery,
} from '../repository/repository.ts';
import type { RouteDefinition } from './route.ts';

const reading = { scope: 'repository:read', limit: 'read', reach: 'project' } as const;
const named = { method: 'GET', lane: 'ui', permission: 'actions', ...reading, params: RepositoryParams } as const;
const alias = { method: 'GET', lane: 'alias', permission: 'actions', ...reading, flag: 'source_aliases' } as const;

/** Reads of a repository: by its name, and at the source's own addresses (OR-3). Each is an audited read operation. */
export const repositoryRoutes = {
  repositoryTree: {
    ...named,
    path: '/v1/targets/:target/repository/tree',
    summary: 'Lists a folder of a commit.',
    query: RepositoryTreeQuery,
    answers: { 200: RepositoryTree },
  },
  repositoryFile: {
    ...named,
    path: '/v1/targets/:target/repository/file',
    summary: 'Reads one file of a commit.',
    query: RepositoryFileQuery,
    answers: { 200: RepositoryFile },
  },
  repositorySearch: {
    ...named,
    path: '/v1/targets/:target/repository/search',
    summary: 'Finds a text or a pattern in the text files of a commit.',
    query: RepositorySearchQuery,
    answers: { 200: RepositorySearch },
  },
  repositoryDiff: {
    ...named,
    path: '/v1/targets/:target/repository/diff',
    summary: 'Shows what changed from one commit to another.',
    query: RepositoryDiffQuery,
    answers: { 200: RepositoryDiff },
  },
  repositoryStatus: {
    ...named,
    path: '/v1/targets/:target/repository/status',
    summary: 'The branch, its allowlist, and what is not committed.',
    answers: { 200: RepositoryStatus },
  },
  aliasTree: {
    ...alias,
    path: '/tree',
    summary: 'Lists a folder of the chosen repository.',
    query: RepositoryTreeAliasQuery,
    answers: { 200: RepositoryTree },
  },
  aliasFile: {
    ...alias,
    path: '/file',
    summary: 'Reads one file of the chosen repository.',
    query: RepositoryFileAliasQuery,
    answers: { 200: RepositoryFile },
  },
  aliasSearch: {
    ...alias,
    path: '/search',
    summary: 'Searches the chosen repository.',
    query: RepositorySearchAliasQuery,
    answers: { 200: RepositorySearch },
  },
  aliasDiff: {
    ...alias,
    path: '/diff',
    summary: 'Compares commits of the chosen repository.',
    query: RepositoryDiffAliasQuery,
    answers: { 200: RepositoryDiff },
  },
  aliasStatus: {
    ...alias,
    path: '/status',
    summary: 'How the chosen repository stands.',
    query: TargetSelector,
    answers: { 200: RepositoryStatus },
  },
  aliasUiStatus: {
    ...alias,
    path: '/ui/status',
    summary: 'The active repository, how it stands, and its allowlist.',
    query: TargetSelector,
    answers: { 200: RepositoryContext },
  },
} as const satisfies Record<string, RouteDefinition>;
