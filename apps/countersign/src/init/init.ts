import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@countersign/protocol';
import { configSchema } from '../config/config.ts';

const example = `# yaml-language-server: $schema=./countersign.schema.json
# What this installation may change. Paths are relative to this file.
profile: standard        # "solo" lets one person approve their own changes, and says so in every bundle
targets:
  - name: app-dev
    project: app
    environment: dev     # dev: allowed once planned. stage: you confirm. prod: another person approves.
    connector: repo
    config:
      path: .
      branch: main
`;

/** Writes `countersign.yaml` and its schema; never over a file that is there, unless asked. */
export function initFolder(folder: string, force: boolean): string[] {
  const file = join(folder, 'countersign.yaml');
  if (existsSync(file) && !force) {
    throw new CodedError('E_CONFIG', `${file} is there already`, { next: 'edit it, or pass --force to replace it' });
  }
  const schema = join(folder, 'countersign.schema.json');
  writeFileSync(file, example);
  writeFileSync(schema, configSchema());
  return [file, schema];
}
