import { relative } from 'node:path';
import type { RunningServer } from './serve.ts';

/** What `serve` prints once it is ready: where it is and what to type next. */
export function welcome(server: RunningServer, cwd: string, env: Readonly<Record<string, string | undefined>>): string {
  const elsewhere =
    server.url !== 'http://127.0.0.1:9325' && env['COUNTERSIGN_PORT'] === undefined ? ` --server ${server.url}` : '';
  const first = server.context.targets.find((target) => target.tier === 'dev' && target.connector === 'repo')?.name;
  const target = first ?? server.context.targets[0]?.name ?? 'NAME';
  const token =
    server.firstTokenFile === null
      ? ''
      : `  admin token  ${relative(cwd, server.firstTokenFile)} (only you can read it)\n`;
  return `Countersign is ready at ${server.url}   (API reference: ${server.url}/reference)
  data         ${relative(cwd, server.dataDir) || '.'}
${token}  targets      ${server.context.targets.map((known) => known.name).join(', ')}

In another terminal:
  npx countersign targets${elsewhere}
  npx countersign do repo.write_files --target ${target} --write notes/hello.txt="Hello" -m "Say hello"${elsewhere}
  npx countersign audit ls${elsewhere}
`;
}
