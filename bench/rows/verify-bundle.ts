import { verifyBundle } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import { sampleBundle } from '../../packages/evidence/src/fixture/sample-bundle.ts';
import { sampleInput } from '../../packages/evidence/src/fixture/sample-input.ts';
import { testTrust } from '../../packages/evidence/src/fixture/test-signer.ts';
import { alternate } from '../harness/alternate.ts';
import type { Figure, Row } from '../harness/row.ts';

const events = 10_000;

async function measure(): Promise<Figure[]> {
  const lines = Array.from({ length: events }, (_, index) => `[step 0] line ${index} of what the target said\n`);
  const files = await sampleBundle(sampleInput({ log: lines.join('') }));
  const trust = testTrust();
  const medians = await alternate({
    async ours() {
      const startedAt = performance.now();
      const report = await verifyBundle(files, trust, nodeVerifyCrypto);
      if (report.state !== 'pass') throw new Error(`The bundle is ${report.state}.`);
      return performance.now() - startedAt;
    },
  });
  return [
    {
      what: 'a bundle whose log has 10,000 events',
      unit: 'ms',
      ours: medians.ours,
      peer: null,
      goal: { of: 'ours', bound: 'at most', value: 1000 },
    },
  ];
}

export const verify: Row = { name: 'verify-bundle', what: 'a bundle verified offline', measure };
