import { repositoryRoot } from './repository-root.ts';
import { checkWalls } from './walls/check-walls.ts';

const { filesRead, violations } = checkWalls(repositoryRoot);
for (const [folder, files] of filesRead) console.log(`${String(files.length).padStart(5)} files read in ${folder}`);
for (const { file, line, message } of violations) console.error(`${file}:${line} ${message}`);
console.log(`${violations.length} violations`);
if (violations.length > 0 || filesRead.size === 0) process.exitCode = 1;
