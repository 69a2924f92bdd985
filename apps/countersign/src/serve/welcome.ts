import { join, relative } from 'node:path';
import type { RunningServer } from './serve.ts';

/** What `serve` prints once it is ready: where it is and what to type next, as it works in a fresh terminal in the same folder. */
export function welcome(server: RunningServer, cwd: string): string {
  const { targets } = server.context;
  const environment = server.dataDir === join(cwd, '.countersign') ? '' : `COUNTERSIGN_DATA_DIR=${server.dataDir} `;
  const elsewhere = server.url === 'http://127.0.0.1:9325' ? '' : ` --server ${server.url}`;
  const say = (words: string): string => `  ${environment}npx countersign ${words}${elsewhere}\n`;
  const repository = targets.find((target) => target.tier === 'dev' && target.connector === 'repo');
  const change =
    repository === undefined
      ? say('actions')
      : say(`do repo.write_files --target ${repository.name} --write notes/hello.txt="Hello" -m "Say hello"`);
  const { firstTokenFile } = server;
  const token =
    firstTokenFile === null ? '' : `  admin token  ${relative(cwd, firstTokenFile)} (only you can read it)\n`;
  return `Countersign is ready at ${server.url}   (API reference: ${server.url}/reference)
  data         ${relative(cwd, server.dataDir) || '.'}
${token}  targets      ${targets.map((known) => known.name).join(', ')}

In another terminal, in this folder:
${say('targets')}${change}${say('audit ls')}`;
}
