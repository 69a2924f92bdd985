import { type Command, Option } from 'commander';
import type { PolicyPlace } from '../program/deps.ts';

/** Options that say which policies are meant. */
export interface PlaceOptions {
  readonly folder?: string;
  readonly config?: string;
  readonly profile?: 'standard' | 'solo';
}

/** Adds `--config` and `--profile`, and `--folder` where the folder is no argument. */
export function addPlaceOptions(command: Command, folder: 'as an option' | 'as an argument'): Command {
  if (folder === 'as an option')
    command.option('--folder <path>', 'folder of .cedar files; "shipped" for the shipped ones alone');
  return command
    .option('--config <file>', 'countersign.yaml whose policies are meant; else the one here')
    .addOption(new Option('--profile <name>', 'profile of the shipped policies').choices(['standard', 'solo']));
}

/** The policies that are meant. */
export function placeOf({ folder, config, profile }: PlaceOptions): PolicyPlace {
  return {
    ...(folder !== undefined && { folder }),
    ...(config !== undefined && { config }),
    ...(profile !== undefined && { profile }),
  };
}
