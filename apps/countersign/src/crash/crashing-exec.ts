import { type Exec, localExec } from '@countersign/connector-kit';
import type { Points } from './crash-points.ts';

/** Runs programs on this machine; before, while and after each a test may kill the process, whose program then goes on alone. */
export function crashingExec(points: Points): Exec {
  return {
    async run(request) {
      points.hit('exec:before');
      const running = localExec.run(request);
      points.hit('exec:during');
      const result = await running;
      points.hit('exec:after');
      return result;
    },
  };
}
