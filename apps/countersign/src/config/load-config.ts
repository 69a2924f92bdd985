import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { CodedError, type TargetRef, Tier } from '@countersign/protocol';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { Config, type TargetEntry } from './config.ts';

/** A configuration with the file it came from. */
export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
}

function configError(file: string, line: number, place: string, expected: string): CodedError {
  const where = `${file}:${line}`;
  return new CodedError('E_CONFIG', `${where}: ${place === '' ? '' : `${place}: `}${expected}`, {
    file,
    line,
    field: place,
    next: 'mend that line and start again',
  });
}

function issueAt(issue: z.core.$ZodIssue): PropertyKey[] {
  return issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : [...issue.path];
}

/** Parses the text of a `countersign.yaml`. Throws E_CONFIG with file, line and what is expected. */
export function parseConfig(file: string, text: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined)
    throw configError(file, lines.linePos(broken.pos[0]).line, '', broken.message.split('\n')[0] ?? 'not YAML');
  const parsed = Config.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue === undefined ? [] : issueAt(issue);
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const offset = isNode(node) ? node.range?.[0] : undefined;
    if (offset === undefined) continue;
    const unknown = issue?.code === 'unrecognized_keys' ? 'is not a setting here' : (issue?.message ?? 'not valid');
    throw configError(file, lines.linePos(offset).line, path.map(String).join('.'), unknown);
  }
  throw configError(file, 1, path.map(String).join('.'), issue?.message ?? 'not valid');
}

/** Finds and reads the configuration: the given file, `countersign.yaml` here, or the one in the data folder. Null when there is none. */
export function loadConfig(options: { config: string | undefined; cwd: string; dataDir: string }): LoadedConfig | null {
  const candidates =
    options.config === undefined
      ? [join(options.cwd, 'countersign.yaml'), join(options.dataDir, 'countersign.yaml')]
      : [resolve(options.cwd, options.config)];
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file === undefined) {
    if (options.config !== undefined)
      throw new CodedError('E_CONFIG', `${options.config}: there is no such file`, {
        field: 'config',
        next: 'write one with `countersign init`',
      });
    return null;
  }
  return { file, config: parseConfig(file, readFileSync(file, 'utf8')) };
}

/** A configured target as everyone may see it. */
export function targetRefOf(entry: TargetEntry): TargetRef {
  const { name, project, environment, connector } = entry;
  return { name, project, environment, tier: entry.tier ?? Tier.parse(environment), connector };
}

/** Paths in a target's settings are relative to the configuration file. */
export function resolvePaths(entry: TargetEntry, folder: string): Record<string, unknown> {
  const { path } = entry.config;
  return typeof path === 'string' && !isAbsolute(path) ? { ...entry.config, path: join(folder, path) } : entry.config;
}
