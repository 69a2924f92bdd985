import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '@countersign/client';
import { verifyBundle } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import type { EvidenceView } from '@countersign/protocol';
import { digestOf, gitIn, proposeFile, runToEnd, type Stage, showPlan } from './stage.ts';

/** A change in `dev`: allowed once it is planned. */
export async function changeInDev(stage: Stage): Promise<string> {
  const content =
    'name: shop\nenvironment: dev\nreplicas: 2\nlog_level: debug\nfeatures:\n  checkout: true\n  coupons: true\n';
  const planned = await proposeFile(stage, 'sandbox-dev', 'config/app.yaml', content, 'Try coupons with two replicas');
  return (await runToEnd(stage, planned)).bundle_id;
}

/** The same kind of change in `prod` waits for another person. */
export async function changeInProd(stage: Stage): Promise<string> {
  const { colors } = stage;
  const planned = await proposeFile(
    stage,
    'sandbox-prod',
    'config/limits.yaml',
    'requests_per_minute: 900\nmax_upload_mb: 10\n',
    'Raise the request limit',
  );
  for (const who of [stage.requester, stage.approver]) {
    try {
      if (who === stage.requester)
        await who.call('opsExecute', { body: { op_id: planned.op_id, digest: digestOf(planned) } });
      else {
        const shown = await who.call('opsGet', { params: { op_id: planned.op_id } });
        await who.call('opsApprove', {
          params: { op_id: planned.op_id },
          body: { digest: digestOf(shown), comment: 'read and agreed' },
        });
        stage.say(`  ${colors.green('approved')} by another person, who was shown exactly this digest`);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      stage.say(`  ${colors.yellow('refused')}  ${error.code}: ${error.message}`);
    }
  }
  return (await runToEnd(stage, planned)).bundle_id;
}

/** Somebody moves the branch after the approval: the plan is stale and nothing is written. */
export async function stalePlan(stage: Stage): Promise<void> {
  const folder = join(stage.server.dataDir, 'sandbox', 'dev');
  const planned = await proposeFile(
    stage,
    'sandbox-dev',
    'config/limits.yaml',
    'requests_per_minute: 700\nmax_upload_mb: 10\n',
    'Raise the request limit',
  );
  writeFileSync(join(folder, 'hotfix.txt'), 'typed into a shell\n');
  gitIn(folder, 'add', 'hotfix.txt');
  gitIn(folder, 'commit', '--quiet', '--message=A change past Countersign');
  const moved = gitIn(folder, 'rev-parse', 'main');
  stage.say(stage.colors.dim('  (somebody with a shell commits to the branch)'));
  await runToEnd(stage, planned);
  const untouched = gitIn(folder, 'rev-parse', 'main') === moved;
  stage.say(`  branch   ${untouched ? stage.colors.green('untouched') : stage.colors.red('CHANGED')}`);
}

async function anchored(stage: Stage, bundleId: string): Promise<EvidenceView> {
  for (let tries = 0; tries < 100; tries += 1) {
    const view = await stage.requester.call('evidence', { params: { bundle_id: bundleId } });
    if (view.state === 'anchored') return view;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the bundle was not anchored within ten seconds');
}

/** The bundle verifies offline; one flipped byte is named. */
export async function proveIt(stage: Stage, bundleId: string): Promise<void> {
  const { colors } = stage;
  const view = await anchored(stage, bundleId);
  const files = new Map(
    view.files.map((file) => [file.path, new Uint8Array(Buffer.from(file.content_base64, 'base64'))]),
  );
  const whole = await verifyBundle(files, view.trust, nodeVerifyCrypto);
  stage.say(`  ${view.folder ?? ''}: ${files.size} files`);
  stage.say(
    `  verify   ${whole.state === 'pass' ? colors.green('pass') : colors.red(whole.state)}: ${whole.findings.length} findings, signatures and log proof included`,
  );
  const plan = Uint8Array.from(files.get('plan.md') ?? []);
  plan[40] = (plan[40] ?? 0) ^ 1;
  const tampered = await verifyBundle(new Map([...files, ['plan.md', plan]]), view.trust, nodeVerifyCrypto);
  const named = tampered.findings.find((finding) => finding.state === 'fail');
  stage.say(`  one byte of plan.md flipped`);
  stage.say(`  verify   ${colors.red(tampered.state)}: ${named?.file ?? ''}: ${named?.detail ?? ''}`);
}

/** A container is restarted once, and read back. */
export async function restartContainer(stage: Stage, target: string, container: string): Promise<void> {
  const planned = await stage.requester.call('opsPlan', {
    body: { target, steps: [{ action: 'docker.restart_container', inputs: { container } }] },
  });
  showPlan(stage, planned);
  if (planned.verdict?.decision === 'allow' && planned.checks.every((check) => check.status !== 'fail'))
    await runToEnd(stage, planned);
}
