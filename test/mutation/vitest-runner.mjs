import { strykerPlugins as theirs } from '@stryker-mutator/vitest-runner';

// Since vitest 5 a test's full name is "suite > test"; the runner filters by "suite test", which then fits no test, and
// every mutant would seem to survive. Its filter is made to fit both spellings.
function fitsBoth(pattern) {
  return pattern && new RegExp(pattern.source.replaceAll(' ', '(?: > | )'), pattern.flags);
}

// A test file that a mutant breaks while its tests are being collected has no test that fails; the runner looks at tests
// only and would let the mutant live.
function brokenFile(files) {
  const broken = files.find((file) => file.result?.state === 'fail');
  if (broken === undefined) return undefined;
  const failureMessage = `${broken.name}: ${broken.result.errors?.[0]?.message ?? 'a suite failed'}`;
  return { status: 'killed', killedBy: [], failureMessage, nrOfTests: 0 };
}

function wrap(create) {
  function createVitestRunner(injector) {
    const runner = create(injector);
    const init = runner.init.bind(runner);
    runner.init = async () => {
      await init();
      const start = runner.ctx.start.bind(runner.ctx);
      runner.ctx.start = (files) => {
        for (const { config } of runner.ctx.projects) config.testNamePattern = fitsBoth(config.testNamePattern);
        return start(files);
      };
    };
    const mutantRun = runner.mutantRun.bind(runner);
    runner.mutantRun = async (options) => {
      const answer = await mutantRun(options);
      return answer.status === 'survived' ? (brokenFile(runner.ctx.state.getFiles()) ?? answer) : answer;
    };
    return runner;
  }
  createVitestRunner.inject = create.inject;
  return createVitestRunner;
}

export const strykerPlugins = theirs.map((plugin) => ({ ...plugin, name: 'vitest-5', factory: wrap(plugin.factory) }));
export { strykerValidationSchema } from '@stryker-mutator/vitest-runner';
