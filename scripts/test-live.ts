import { makeBusyboxImage, startDockerd } from '@countersign/testing';
import { runTests } from './test/run-tests.ts';

const [folder, ...args] = process.argv.slice(2);
if (!folder) throw new Error('Give the folder for dockerd; "npm run test:live" does.');
const docker = await startDockerd(folder);
try {
  console.log(`dockerd runs; made the image ${await makeBusyboxImage(docker.socketPath)}`);
  process.exitCode = await runTests('live', args, { COUNTERSIGN_TEST_DOCKER_SOCKET: docker.socketPath });
} finally {
  await docker.stop();
}
