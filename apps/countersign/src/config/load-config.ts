import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { CodedError, type TargetRef, Tier } from '@countersign/protocol';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { Config, type TargetEntry } from './config.ts';
import { ProvidersConfig } from './provider-config.ts';

/** A configuration with the file it came from. */
export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
  /** E_CONFIG for a setting by its path, with file, line and what is expected. */
  problemAt(path: readonly PropertyKey[], expected: string): CodedError;
}

function configError(file: string, line: number, place: string, expected: string): CodedError {
  return new CodedError('E_CONFIG', `${file}:${line}: ${place === '' ? '' : `${place}: `}${expected}`, {
    file,
    line,
    field: place,
    next: 'mend that line and start again',
  });
}

/** Where an issue of zod stands, and what is expected there. */
export function issueAt(issue: z.core.$ZodIssue): { path: PropertyKey[]; expected: string } {
  if (issue.code !== 'unrecognized_keys') return { path: [...issue.path], expected: issue.message };
  return { path: [...issue.path, issue.keys[0] ?? ''], expected: 'is not a setting here' };
}

/** Line of the innermost node of a path that is there. */
function lineAt(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    const offset = isNode(node) ? node.range?.[0] : undefined;
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

interface ReadYaml {
  readonly value: unknown;
  problemAt(path: readonly PropertyKey[], expected: string): CodedError;
}

function readYaml(file: string, text: string): ReadYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw configError(file, lines.linePos(broken.pos[0]).line, '', broken.message.split('\n')[0] ?? 'not YAML');
  }
  return {
    value: document.toJS(),
    problemAt: (path, expected) =>
      configError(file, lineAt(document, lines, path), path.map(String).join('.'), expected),
  };
}

/** Parses the text of a `countersign.yaml`. Throws E_CONFIG with file, line and what is expected. */
export function parseConfig(file: string, text: string): LoadedConfig {
  const { value, problemAt } = readYaml(file, text);
  const parsed = Config.safeParse(value);
  if (parsed.success) return { file, config: parsed.data, problemAt };
  const [issue] = parsed.error.issues;
  const { path, expected } = issue === undefined ? { path: [], expected: 'is not valid' } : issueAt(issue);
  throw problemAt(path, expected);
}

const section = 'providers';

/**
 * Parses what a `countersign.yaml` says of providers, and nothing else: the rest counts at the next start. Throws E_CONFIG
 * where that is not valid, or the text is no YAML.
 */
export function parseProviders(file: string, text: string): ProvidersConfig {
  const { value, problemAt } = readYaml(file, text);
  const written: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, section) : undefined;
  const parsed = ProvidersConfig.safeParse(written ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const { path, expected } = issue === undefined ? { path: [], expected: 'is not valid' } : issueAt(issue);
  throw problemAt([section, ...path], expected);
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
  return parseConfig(file, readFileSync(file, 'utf8'));
}

/** A configured target as everyone may see it. */
export function targetRefOf(entry: TargetEntry): TargetRef {
  const { name, project, environment, connector } = entry;
  return { name, project, environment, tier: entry.tier ?? Tier.parse(environment), connector };
}

/** Settings of targets that are paths, whatever the connector. */
const pathSettings = ['path', 'kubeconfig'] as const;

/** Paths in a target's settings are relative to the configuration file. */
export function resolvePaths(entry: TargetEntry, folder: string): Record<string, unknown> {
  const resolved: Record<string, unknown> = { ...entry.config };
  for (const name of pathSettings) {
    const path = resolved[name];
    if (typeof path === 'string' && !isAbsolute(path)) resolved[name] = join(folder, path);
  }
  return resolved;
}
