import { describeConformance } from '@countersign/connector-kit/conformance';
import { repoHarness } from './fixture/repo-harness.ts';

describeConformance('the repo connector', repoHarness);
