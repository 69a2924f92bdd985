import { ConnectorManifest, JsonObject } from '@countersign/protocol';
import { fingerprint } from '../../manifest/fingerprint.ts';
import { manifestOf } from '../../manifest/manifest.ts';
import type { ConnectorRule } from '../rule.ts';

const manifest: ConnectorRule = {
  id: 'manifest',
  title: 'the manifest is valid and its hash is stable',
  async examine(bench) {
    const { connector } = bench.harness;
    const first = ConnectorManifest.safeParse(manifestOf(connector));
    if (!first.success) return [`the manifest does not fit its schema: ${first.error.message}`];
    const { hash, ...content } = first.data;
    const problems: string[] = [];
    if (manifestOf(connector).hash !== hash) problems.push('the manifest hash differs from one call to the next');
    if (fingerprint(JsonObject.parse(content)) !== hash) problems.push('the hash is not that of the content');
    if (new Set(connector.actions.map((action) => action.name)).size !== connector.actions.length) {
      problems.push('two actions have the same name');
    }
    for (const action of connector.actions) {
      if (!action.name.startsWith(`${connector.name}.`)) problems.push(`${action.name} is not in ${connector.name}`);
    }
    return problems;
  },
};

const coverage: ConnectorRule = {
  id: 'every-action-has-a-case',
  title: 'every action is examined by a case of its kind',
  async examine(bench) {
    const { connector, writes, reads, failures, refused } = bench.harness;
    const written = new Set(writes.flatMap((each) => each.steps.map((step) => step.action)));
    const read = new Set(reads.map((each) => each.step.action));
    const problems = connector.actions
      .filter((action) => !(action.effect === 'read' ? read : written).has(action.name))
      .map((action) => `${action.name} has no case`);
    for (const action of connector.actions) {
      if (!refused.some((each) => each.action === action.name)) {
        problems.push(`${action.name} has no refused inputs`);
      }
    }
    if (failures.length === 0) problems.push('there is no failure case');
    return problems;
  },
};

const inputs: ConnectorRule = {
  id: 'inputs',
  title: 'schemas take valid inputs, refuse bad ones and unknown fields',
  async examine(bench) {
    const { writes, reads, refused } = bench.harness;
    const problems: string[] = [];
    for (const step of [...writes.flatMap((each) => each.steps), ...reads.map((each) => each.step)]) {
      const schema = bench.action(step.action).inputs;
      if (!schema.safeParse(step.inputs).success) problems.push(`${step.action} refuses the inputs of its case`);
      if (schema.safeParse({ ...step.inputs, unexpected_field: 1 }).success) {
        problems.push(`${step.action} takes an unknown field`);
      }
    }
    for (const { action, inputs: bad } of refused) {
      if (bench.action(action).inputs.safeParse(bad).success) {
        problems.push(`${action} takes ${JSON.stringify(bad).slice(0, 200)}`);
      }
    }
    return problems;
  },
};

const readiness: ConnectorRule = {
  id: 'readiness',
  title: 'readiness tells reachable from unreachable and never throws',
  async examine(bench) {
    const connection = bench.connect();
    const problems: string[] = [];
    const healthy = await connection.readiness(AbortSignal.timeout(bench.boundMs));
    if (healthy.status !== 'ready') problems.push(`a healthy target is ${healthy.status}: ${healthy.message}`);
    await connection.readiness(AbortSignal.abort());
    await bench.target.cutOff();
    const cut = await connection.readiness(AbortSignal.timeout(bench.boundMs));
    if (cut.status !== 'unavailable') problems.push(`an unreachable target is ${cut.status}`);
    await bench.target.heal();
    const healed = await connection.readiness(AbortSignal.timeout(bench.boundMs));
    if (healed.status !== 'ready') problems.push(`a healed target stays ${healed.status}: ${healed.message}`);
    return problems;
  },
};

export const connectorRules: readonly ConnectorRule[] = [manifest, coverage, inputs, readiness];
