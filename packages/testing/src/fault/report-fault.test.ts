import { expect, test } from 'vitest';
import { reportFault } from './report-fault.ts';

test('a fault that never fired is no row of the fault table', async () => {
  await expect(reportFault({ fault: 'kill', point: 'nowhere', fired: 0, lost: 0, twice: 0 })).rejects.toThrow('fired');
});
