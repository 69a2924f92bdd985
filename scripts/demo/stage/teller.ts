import { type Colors, renderTable } from '@countersign/cli/render';

/** One numbered step as it was shown. */
export interface ToldStep {
  readonly number: number;
  readonly part: string;
  readonly title: string;
  /** What a person would type; null where nothing is typed. */
  readonly command: string | null;
  readonly answer: readonly string[];
  readonly passed: boolean;
}

/** How a part of the demo ended. */
export interface PartEnd {
  readonly part: string;
  readonly state: 'shown' | 'failed' | 'missing';
  /** What it was shown with, why it failed, or what is missing. */
  readonly detail: string;
  /** The command that brings what is missing. */
  readonly next: string | null;
}

/** Tells the story to a person, and keeps it for `--json`. */
export interface Teller {
  readonly colors: Colors;
  readonly steps: readonly ToldStep[];
  say(text: string): void;
  /** Tells one step: title and command, then the answer of its work. What the work throws is told, kept and thrown on. */
  step(part: string, title: string, command: string | null, work: () => Promise<readonly string[]>): Promise<void>;
  table(heading: readonly string[], rows: readonly (readonly string[])[]): void;
}

export function makeTeller(write: (text: string) => void, colors: Colors): Teller {
  const steps: ToldStep[] = [];
  const say = (text: string) => write(`${text}\n`);
  return {
    colors,
    steps,
    say,
    async step(part, title, command, work) {
      const number = steps.length + 1;
      say(`\n${colors.bold(colors.cyan(`${number}. ${title}`))}`);
      if (command !== null) say(`   ${colors.dim('$')} ${command}`);
      const tell = (answer: readonly string[], passed: boolean) => {
        for (const line of answer) say(`     ${line}`);
        steps.push({ number, part, title, command, answer: answer.map(withoutColors), passed });
      };
      try {
        tell(await work(), true);
      } catch (error) {
        tell([colors.red(error instanceof Error ? error.message : String(error))], false);
        throw error;
      }
    },
    table: (heading, rows) => say(renderTable(heading, rows, colors).replaceAll(/^/gm, '   ')),
  };
}

function withoutColors(text: string): string {
  const [first = '', ...rest] = text.split('\u001b[');
  return first + rest.map((part) => part.slice(part.indexOf('m') + 1)).join('');
}
