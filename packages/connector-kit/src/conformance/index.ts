export { describeConformance } from './describe-conformance.ts';
export { type Examination, examinations } from './examination.ts';
export type {
  ConformanceHarness,
  ConformanceTarget,
  FailureCase,
  ReadCase,
  WriteCase,
} from './harness.ts';
