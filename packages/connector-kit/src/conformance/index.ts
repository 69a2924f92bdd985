export { type Change, change, contextOf, type KeepingContext, stepsOf } from './by-hand.ts';
export { describeConformance } from './describe-conformance.ts';
export { type Examination, examinations } from './examination.ts';
export type {
  ConformanceHarness,
  ConformanceTarget,
  FailureCase,
  ReadCase,
  WriteCase,
} from './harness.ts';
