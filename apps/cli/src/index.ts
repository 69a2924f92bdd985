export type { Examination } from './doctor/examination.ts';
export type { Session } from './program/command-entry.ts';
export type {
  BackupCheckOptions,
  CliDeps,
  DemoOptions,
  DoctorOptions,
  HostCommands,
  InitOptions,
  McpCommandOptions,
  PolicyAnswer,
  PolicyCheckReport,
  PolicyExplainOptions,
  PolicyInitOptions,
  PolicyPlace,
  PolicyTestOptions,
  PolicyTestReport,
  RestoreOptions,
  RestoreReport,
  ServeOptions,
  Tell,
  WorkerOptions,
} from './program/deps.ts';
export { buildProgram, runCli } from './program/program.ts';
export { nodeTerminal } from './terminal/node-terminal.ts';
export type { Output, Terminal } from './terminal/terminal.ts';
