import { describeConformance } from '@countersign/connector-kit/conformance';
import { repoHarness } from './testing/repo-harness.ts';

describeConformance('the repo connector', repoHarness);
