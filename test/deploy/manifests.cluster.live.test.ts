import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testKubeconfig } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { repositoryRoot } from '../../scripts/repository-root.ts';
import { clusterSchemas } from './cluster-schemas.ts';

const manifests = join(repositoryRoot, 'deploy/kubernetes');
const namespace = 'countersign';
const worker = `system:serviceaccount:${namespace}:countersign-worker`;

const Role = z.object({
  kind: z.literal('Role'),
  metadata: z.object({ name: z.string() }),
  rules: z.array(
    z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
});

function kubectl(...args: string[]): string {
  return execFileSync('kubectl', [`--kubeconfig=${testKubeconfig()}`, ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
    maxBuffer: 2 ** 26,
  });
}

/** Whether the worker may do that, by the cluster's own word. */
function may(verb: string, resource: string, where = namespace): boolean {
  const args = [`--kubeconfig=${testKubeconfig()}`, 'auth', 'can-i', verb, resource, '-n', where, `--as=${worker}`];
  return spawnSync('kubectl', args, { encoding: 'utf8' }).stdout.trim() === 'yes';
}

const documents = readdirSync(manifests)
  .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
  .flatMap((file) =>
    parseAllDocuments(readFileSync(join(manifests, file), 'utf8')).map((each) => ({
      file,
      document: z.record(z.string(), z.unknown()).parse(each.toJS()),
    })),
  );

/** Gives a role's rights by the typed command: this cluster's server breaks on a role that is sent as JSON. */
function grant({ metadata: { name }, rules }: z.infer<typeof Role>): void {
  rules.forEach(({ apiGroups, resources, verbs }, index) => {
    const full = resources.flatMap((resource) => {
      const [kind = '', part] = resource.split('/');
      return apiGroups.map((group) => [kind, group].filter(Boolean).join('.') + (part === undefined ? '' : `/${part}`));
    });
    kubectl('create', 'role', `${name}-${index}`, '-n', namespace, `--verb=${verbs}`, `--resource=${full}`);
    kubectl(
      'create',
      'rolebinding',
      `${name}-${index}`,
      '-n',
      namespace,
      `--role=${name}-${index}`,
      `--serviceaccount=${namespace}:countersign-worker`,
    );
  });
}

describe('the manifests (DO-15, DO-19)', () => {
  beforeAll(() => {
    kubectl('create', 'namespace', namespace);
  });
  afterAll(() => {
    kubectl('delete', 'namespace', namespace, '--wait=false');
  });

  it('fit what the cluster says of each of their kinds, and a misspelt field does not', () => {
    const problemsOf = clusterSchemas(kubectl('get', '--raw', '/openapi/v2'));
    expect(documents.length).toBe(13);
    for (const { file, document } of documents) expect(problemsOf(document), file).toEqual([]);
    const [first] = documents.filter(({ document }) => document['kind'] === 'StatefulSet');
    const misspelt = JSON.parse(JSON.stringify(first?.document).replace('runAsNonRoot', 'runAsNotRoot'));
    expect(problemsOf(misspelt)).not.toEqual([]);
  });

  it('are listed in the kustomization, and the worker would be taken as it stands', () => {
    const built = kubectl('kustomize', manifests);
    for (const { document } of documents) expect(built).toContain(`kind: ${String(document['kind'])}`);
    expect(parseAllDocuments(built)).toHaveLength(documents.length);
    const [deployment] = documents.filter(({ document }) => document['kind'] === 'Deployment');
    const said = execFileSync(
      'kubectl',
      [`--kubeconfig=${testKubeconfig()}`, 'create', '--dry-run=server', '-f', '-'],
      {
        encoding: 'utf8',
        input: JSON.stringify(deployment?.document),
      },
    );
    expect(said).toContain('deployment.apps/countersign-worker created (server dry run)');
  });

  it('give a worker what its actions need and nothing beyond', () => {
    for (const { document } of documents) {
      const role = Role.safeParse(document);
      if (role.success) grant(role.data);
    }
    const needed: [string, string][] = [
      ['list', 'pods'],
      ['get', 'pods/log'],
      ['list', 'events'],
      ['get', 'deployments.apps'],
      ['list', 'replicasets.apps'],
      ['patch', 'deployments.apps'],
      ['patch', 'deployments.apps/scale'],
    ];
    for (const [verb, resource] of needed) expect(may(verb, resource), `${verb} ${resource}`).toBe(true);
    const beyond: [string, string, string?][] = [
      ['get', 'secrets'],
      ['list', 'configmaps'],
      ['create', 'pods/exec'],
      ['create', 'pods'],
      ['delete', 'pods'],
      ['delete', 'deployments.apps'],
      ['create', 'deployments.apps'],
      ['create', 'rolebindings.rbac.authorization.k8s.io'],
      ['impersonate', 'users'],
      ['list', 'pods', 'kube-system'],
      ['patch', 'deployments.apps', 'default'],
    ];
    for (const [verb, resource, where] of beyond) expect(may(verb, resource, where), `${verb} ${resource}`).toBe(false);
  });
});
