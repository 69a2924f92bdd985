import { readJson } from '@countersign/protocol';
import { z } from 'zod';
import { runCommand, type Said, type Seat, typed } from './countersign.ts';
import type { Teller } from './teller.ts';

/** A command that is shown, and how its answer is read. */
export interface Shown {
  readonly part: string;
  readonly title: string;
  readonly words: readonly string[];
  /** The exit code that is right here; 0 when left out. */
  readonly exit?: number;
  /** Throws where the answer is not what is to be shown; answers its gist. */
  read(said: Said): readonly string[] | Promise<readonly string[]>;
}

/** The installation as whoever works with it sees it. */
export interface Stage {
  readonly url: string;
  readonly folder: string;
  readonly teller: Teller;
  readonly signal: AbortSignal;
  /** Types a command as the operator, tells it and its answer. */
  show(shown: Shown): Promise<void>;
  /** Types a command as the operator, untold. */
  ask(words: readonly string[]): Promise<Said>;
  /** The same with no server and no token: what verifies offline. */
  showOffline(shown: Shown): Promise<void>;
}

const Failed = z.object({
  run: z.object({ state: z.string(), failure: z.object({ message: z.string() }).nullable() }),
});

/** Why a command exits as it does: the failure of its run, else the last lines of what it said beside its answer. */
function whyOf({ stdout, stderr }: Said): string {
  const { data } = Failed.safeParse(stdout.startsWith('{') ? readJson(stdout) : null);
  if (data !== undefined) return `${data.run.state}: ${data.run.failure?.message ?? ''}`;
  return stderr.trim().split('\n').filter(Boolean).slice(-4).join('; ');
}

/** Makes the stage of an operator with a token. */
export function makeStage(base: Pick<Stage, 'url' | 'folder' | 'teller' | 'signal'>, token: string): Stage {
  const { url, folder, teller, signal } = base;
  const offline = { COUNTERSIGN_DATA_DIR: `${folder}/operator` };
  const online = { ...offline, COUNTERSIGN_SERVER: url, COUNTERSIGN_TOKEN: token };
  const show = ({ part, title, words, exit = 0, read }: Shown, env: Seat['env']) =>
    teller.step(part, title, typed(words), async () => {
      const said = await runCommand(words, { cwd: folder, env }, signal);
      if (said.code !== exit) throw new Error(`exit ${said.code} instead of ${exit}: ${whyOf(said)}`);
      return await read(said);
    });
  return {
    ...base,
    show: (shown) => show(shown, online),
    ask: (words) => runCommand(words, { cwd: folder, env: online }, signal),
    showOffline: (shown) => show(shown, offline),
  };
}
