import { type Complete, type Command as Completed, RootCommand } from '@bomb.sh/tab';
import { connect } from '@countersign/client';
import type { Command } from 'commander';
import { bearerToken, serverUrl } from '../connection/settings.ts';
import type { Session } from '../program/command-entry.ts';
import { commandTable } from '../program/command-table.ts';
import type { CliDeps } from '../program/deps.ts';
import { type KnownValue, knownValues, type ValueKind } from './known-values.ts';
import { pathValues } from './path-values.ts';
import { argumentKind, optionKind, type PlaceKind } from './value-kind.ts';

/** Values that were asked for already, by kind: the library completes without waiting, so they are fetched before. */
type Values = ReadonlyMap<PlaceKind, readonly KnownValue[]>;

interface Place {
  readonly root: RootCommand;
  readonly values: Values;
  /** Kinds that some place asked for. */
  readonly asked: Set<PlaceKind>;
}

function offer(place: Place, kind: PlaceKind | undefined, choices: readonly string[] | undefined) {
  return (complete: Complete): void => {
    for (const choice of choices ?? []) complete(choice, '');
    if (kind === undefined) return;
    place.asked.add(kind);
    for (const { value, description } of place.values.get(kind) ?? []) complete(value, description);
  };
}

function addOptions(place: Place, completed: Completed, command: Command): void {
  for (const option of command.createHelp().visibleOptions(command)) {
    const name = option.long?.slice(2);
    if (name === undefined) continue;
    const alias = option.short?.slice(1) ?? '';
    if (option.required || option.optional) {
      completed.option(name, option.description, offer(place, optionKind(name), option.argChoices), alias);
    } else {
      completed.option(name, option.description, alias);
    }
  }
}

function addCommand(place: Place, command: Command, path: string): void {
  const completed = place.root.command(path, command.description());
  addOptions(place, completed, command);
  for (const argument of command.registeredArguments) {
    const kind = argumentKind(path, argument.name());
    completed.argument(argument.name(), offer(place, kind, argument.argChoices), argument.variadic);
  }
  for (const child of command.commands) addCommand(place, child, `${path} ${child.name()}`);
}

async function loadAll(program: Command, session: Session): Promise<void> {
  for (const { name, load } of commandTable) {
    const command = program.commands.find((each) => each.name() === name);
    if (command !== undefined) (await load()).configure(command, session);
  }
}

function rootOf(program: Command, values: Values): Place {
  const place: Place = { root: new RootCommand(), values, asked: new Set() };
  addOptions(place, place.root, program);
  for (const command of program.commands) addCommand(place, command, command.name());
  return place;
}

async function valuesFor(kinds: ReadonlySet<PlaceKind>, word: string, deps: CliDeps): Promise<Values> {
  const values = new Map<PlaceKind, readonly KnownValue[]>();
  for (const kind of kinds) {
    if (kind === 'path' || kind === 'folder') {
      const found = pathValues(deps.cwd, word.slice(word.indexOf('=') + 1), kind === 'folder');
      values.set(
        kind,
        found.map((value) => ({ value, description: '' })),
      );
    } else {
      values.set(kind, await fromServer(deps, kind));
    }
  }
  return values;
}

async function fromServer(deps: CliDeps, kind: ValueKind): Promise<readonly KnownValue[]> {
  try {
    const url = serverUrl(deps, undefined);
    return await knownValues(connect({ url, token: await bearerToken(deps, undefined, url) }), kind);
  } catch {
    // Without a token or a good address there is nothing to offer; the command itself will say why.
    return [];
  }
}

/** Silences what the library prints while it is only asked which values it would want. */
function withoutOutput(work: () => void): void {
  const { log } = console;
  console.log = () => undefined;
  try {
    work();
  } finally {
    console.log = log;
  }
}

/**
 * Answers what a shell may put in place of the last word: a candidate and its description a line, as the scripts of
 * `countersign completion` ask for it.
 *
 * @param words the command line after the program's name; the last is the word that is being typed.
 */
export async function answerCompletion(program: Command, session: Session, words: readonly string[]): Promise<void> {
  await loadAll(program, session);
  const asking = rootOf(program, new Map());
  withoutOutput(() => asking.root.parse([...words]));
  const values = await valuesFor(asking.asked, words.at(-1) ?? '', session.deps);
  rootOf(program, values).root.parse([...words]);
}
