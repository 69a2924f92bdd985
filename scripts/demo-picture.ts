import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { terminalSvg } from './picture/terminal-svg.ts';
import { repositoryRoot } from './repository-root.ts';

const columns = 118;
/** Lines of a patch that say nothing to a reader. */
const noise = /^(?:index|diff --git) /;
const played = execFileSync(process.execPath, [join(repositoryRoot, 'apps/countersign/src/main.ts'), 'demo'], {
  encoding: 'utf8',
  env: { PATH: process.env['PATH'] ?? '', FORCE_COLOR: '1' },
});
// The first line names a port and a temporary folder; the index lines of a patch are long and say nothing to a reader.
const shown = played
  .split('\n')
  .slice(1)
  .filter((line) => !noise.test(line.replaceAll('\u001b[1m', '').trimStart()))
  .flatMap((line) => (line.includes(', listed with') ? [line.slice(0, line.indexOf(', listed with'))] : [line]));
writeFileSync(join(repositoryRoot, 'docs/demo.svg'), terminalSvg(`$ npm run demo\n${shown.join('\n')}`, columns));
console.log('docs/demo.svg written');
