import { randomUUID } from 'node:crypto';
import { nodeTerminal, runCli } from '@countersign/cli';
import { version } from './version.ts';

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

const host = { env: process.env, cwd: process.cwd() };

process.exitCode = await runCli(process.argv.slice(2), {
  version,
  terminal: nodeTerminal(),
  env: process.env,
  cwd: process.cwd(),
  now: () => Date.now(),
  randomId: () => randomUUID(),
  commands: {
    async serve(options) {
      const { startServer } = await import('./serve/serve.ts');
      const { welcome } = await import('./serve/welcome.ts');
      const server = await startServer({ ...host, ...options });
      process.stdout.write(welcome(server, host.cwd));
      const { panicOnSignal } = await import('./serve/panic-on-signal.ts');
      panicOnSignal(server.context);
      await stopped();
      await server.stop();
      return 0;
    },
    async worker(options) {
      const { startWorker } = await import('./worker/run-worker.ts');
      const say = (line: string): void => void process.stderr.write(`${line}\n`);
      const worker = await startWorker(
        { ...host, ...options },
        (what, error) => say(`${what}: ${error instanceof Error ? error.message : 'failed'}`),
        say,
      );
      process.stdout.write(`Worker ready; it serves targets of ${options.server}\n`);
      await stopped();
      await worker.stop();
      return 0;
    },
    async mcp(options) {
      const { serveMcp } = await import('./mcp/serve-mcp.ts');
      return await serveMcp(options, stopped);
    },
    async init(options) {
      const { initFolder } = await import('./init/init.ts');
      for (const file of initFolder(options.folder, options.force)) process.stdout.write(`wrote ${file}\n`);
      process.stdout.write('Next: name your targets in countersign.yaml, then `countersign serve`.\n');
      return 0;
    },
    async examineHost(options) {
      const { examineHost } = await import('./doctor/examine-host.ts');
      return await examineHost(host, options);
    },
    async checkBackup({ folder, trust }, tell) {
      const { checkBackupFolder } = await import('./backup/restore-backup.ts');
      return await checkBackupFolder(folder, trust, tell);
    },
    async restore(options, tell) {
      const { restoreBackup } = await import('./backup/restore-backup.ts');
      return await restoreBackup(host, options, tell);
    },
    async checkPolicies(options) {
      const { checkPolicies } = await import('./policy/check-policies.ts');
      return checkPolicies(host, options);
    },
    async initPolicies(options) {
      const { initPolicies } = await import('./policy/init-policies.ts');
      return initPolicies(host, options);
    },
    async testPolicies(options) {
      const { testPolicies } = await import('./policy/test-policies.ts');
      return testPolicies(host, options);
    },
    async explainPolicies(options) {
      const { explainPolicies } = await import('./policy/test-policies.ts');
      return explainPolicies(host, options);
    },
    async demo(options) {
      const { playDemo } = await import('./demo/demo.ts');
      return await playDemo(options);
    },
    async replay(record, repository) {
      const { replayOffline } = await import('./replay/replay-offline.ts');
      return await replayOffline(record, repository);
    },
  },
});
