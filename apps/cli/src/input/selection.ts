import { CodedError, WaveSize } from '@countersign/protocol';
import { type Command, Option } from 'commander';

/** Options by which one action becomes a group over everything that a selector names. */
export interface SelectionOptions {
  readonly selector?: string;
  readonly names?: string;
  readonly tier?: 'dev' | 'stage' | 'prod';
  readonly waves?: string;
}

/** Adds them. */
export function addSelectionOptions(command: Command): Command {
  return command
    .option('--selector <labels>', 'for everything with these labels: app=web,tier!=db,zone in (a,b),!canary')
    .option('--names <a,b>', 'for these by name or alias, separated by commas')
    .addOption(
      new Option('--tier <tier>', 'with a selector: all targets of this tier').choices(['dev', 'stage', 'prod']),
    )
    .option('--waves <sizes>', 'how many at once, such as 1,25%,100%; the last is repeated; 1 when left out');
}

const words = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

function waveSizes(text: string): WaveSize[] {
  return words(text).map((word) => {
    const size = WaveSize.safeParse(/^\d+$/.test(word) ? Number(word) : word === 'rest' ? '100%' : word);
    if (size.success) return size.data;
    throw new CodedError('E_VALIDATION', `"${word}" is no size of a wave`, {
      field: '--waves',
      next: 'write numbers or shares, such as 1,25%,100%',
    });
  });
}

/** What the options select, as the server takes it; null where they select nothing, and the action is about one thing. */
export function selectionOf(options: SelectionOptions & { readonly target?: string }): {
  readonly labels?: string;
  readonly names?: string[];
  readonly tier?: 'dev' | 'stage' | 'prod';
  readonly targets?: string[];
  readonly waves?: WaveSize[];
} | null {
  const { selector, names, tier, waves, target } = options;
  if (selector === undefined && names === undefined) {
    const lone = waves === undefined ? (tier === undefined ? null : '--tier') : '--waves';
    if (lone === null) return null;
    const next = 'add --selector or --names';
    throw new CodedError('E_VALIDATION', `${lone} goes with a selector`, { field: lone, next });
  }
  return {
    ...(selector !== undefined && { labels: selector }),
    ...(names !== undefined && { names: words(names) }),
    ...(tier !== undefined && { tier }),
    ...(target !== undefined && { targets: words(target) }),
    ...(waves !== undefined && { waves: waveSizes(waves) }),
  };
}
