import type { CliDeps } from '../program/deps.ts';
import { runCli } from '../program/program.ts';

/** What a scripted person and their surroundings are. */
export interface ConsoleSettings {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Somebody sits at a terminal and gives these answers in turn; without it nothing is a terminal. */
  readonly answers?: readonly (string | null)[];
  readonly stdin?: string;
}
/** What one run of the command line left. */
export interface ConsoleResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly questions: readonly string[];
  /** Options that a host command was called with. */
  readonly hosted: unknown;
}

/** Runs one command line with a scripted terminal and answers everything it wrote. */
export async function runConsole(argv: readonly string[], settings: ConsoleSettings): Promise<ConsoleResult> {
  const isTty = settings.answers !== undefined;
  const answers = [...(settings.answers ?? [])];
  const written = { stdout: '', stderr: '' };
  const questions: string[] = [];
  let hosted: unknown;
  const host = async (options: unknown) => {
    hosted = options;
    return 0;
  };
  const nowhere = () => Promise.reject(new Error('there is no installation in this test'));
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTty,
    columns: 100,
  });
  let id = 0;
  const deps: CliDeps = {
    version: '0.0.0-test',
    env: { COUNTERSIGN_DATA_DIR: 'data', ...settings.env },
    cwd: settings.cwd,
    now: () => Date.now(),
    randomId: () => {
      id += 1;
      return `id-${id}`;
    },
    commands: {
      serve: host,
      worker: host,
      mcp: host,
      init: host,
      demo: host,
      examineHost: nowhere,
      checkBackup: nowhere,
      restore: nowhere,
      checkPolicies: nowhere,
      initPolicies: nowhere,
      testPolicies: nowhere,
      explainPolicies: nowhere,
      replay: nowhere,
    },
    terminal: {
      stdout: output('stdout'),
      stderr: output('stderr'),
      stdin: { isTty, readAll: async () => settings.stdin ?? '' },
      ask: async (question) => {
        questions.push(question);
        const given = answers.shift();
        if (given === undefined) throw new Error(`nobody expected the question: ${question}`);
        return given;
      },
      onInterrupt: () => () => undefined,
    },
  };
  const code = await runCli(argv, deps);
  return { code, ...written, questions, hosted };
}
