import { attempt, failureProblems, same } from '../bench/attempt.ts';
import { type Bench, stored } from '../bench/bench.ts';
import type { ConformanceTarget, ReadCase } from '../harness.ts';
import type { ReadRule } from '../rule.ts';

function readStep<Target extends ConformanceTarget>(bench: Bench<Target>, subject: ReadCase) {
  const [step] = bench.parse([subject.step]);
  if (step === undefined) throw new Error(`case ${subject.name} has no step`);
  return step;
}

const readAnswers: ReadRule = {
  id: 'read-changes-nothing',
  title: 'a read answers with JSON and leaves the target as it was',
  async examine(bench, subject) {
    const step = readStep(bench, subject);
    const [snapshot, effects] = [await bench.target.snapshot(), await bench.target.effects()];
    const result = await bench.connect().read(step, bench.context({ action: step.action }));
    stored(result.summary);
    const problems: string[] = [];
    if (result.artifacts.some((each) => !(each.content instanceof Uint8Array)))
      problems.push('an artifact has no bytes');
    if (new Set(result.artifacts.map((each) => each.name)).size !== result.artifacts.length) {
      problems.push('two artifacts have the same name');
    }
    if (!same(snapshot, await bench.target.snapshot())) problems.push('the read changed the target');
    if ((await bench.target.effects()) !== effects) problems.push('the read had an effect');
    return problems;
  },
};

const readCapped: ReadRule = {
  id: 'read-capped',
  title: 'output stays under the cap and says that it was cut',
  async examine(bench, subject) {
    const step = readStep(bench, subject);
    const cap = subject.exceedsBytes ?? bench.action(step.action).outputCapBytes;
    const context = bench.context({ outputCapBytes: cap });
    const result = await bench.connect().read(step, context);
    const sizeBytes = result.artifacts.reduce((sum, each) => sum + each.content.length, 0);
    const problems: string[] = [];
    if (sizeBytes > cap) problems.push(`artifacts hold ${sizeBytes} bytes, the cap is ${cap}`);
    const summaryBytes = Buffer.byteLength(JSON.stringify(result.summary));
    if (summaryBytes > Math.max(cap, 4096)) problems.push(`the summary holds ${summaryBytes} bytes, the cap is ${cap}`);
    if (subject.exceedsBytes !== undefined && !result.artifacts.some((each) => each.truncated)) {
      problems.push('nothing is marked as truncated');
    }
    if (subject.exceedsBytes === undefined && result.artifacts.some((each) => each.truncated)) {
      problems.push('an answer under the cap is marked as truncated');
    }
    return problems;
  },
};

const readStopsTalking: ReadRule = {
  id: 'read-stops-at-cap',
  title: 'a read stops streaming when its output is refused',
  async examine(bench, subject) {
    const step = readStep(bench, subject);
    const context = bench.context({ acceptOutput: false, action: step.action });
    const ended = await attempt(bench.boundMs, () => bench.connect().read(step, context));
    if (ended.kind === 'hung') return ['the read goes on although its output is refused'];
    const said = context.heard.filter((each) => each.channel !== 'progress').length;
    return said > 1 ? [`the read wrote ${said} chunks although the first was refused`] : [];
  },
};

const readUnreachable: ReadRule = {
  id: 'read-unreachable',
  title: 'a read of an unreachable target says so',
  async examine(bench, subject) {
    const step = readStep(bench, subject);
    const connection = bench.connect();
    await bench.target.cutOff();
    const ended = await attempt(bench.boundMs, () => connection.read(step, bench.context({ action: step.action })));
    await bench.target.heal();
    return failureProblems('read', ended, ['E_TARGET_UNREACHABLE']);
  },
};

export const readRules: readonly ReadRule[] = [readAnswers, readCapped, readStopsTalking, readUnreachable];
