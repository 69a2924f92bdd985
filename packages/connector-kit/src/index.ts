export { type ActionDefinition, defineAction } from './connector/action.ts';
export { boundedCall, type CallBounds } from './connector/bounded-call.ts';
export {
  type AnyConnector,
  type Applied,
  type ConnectedTarget,
  type Connector,
  type ConnectorPorts,
  defineConnector,
  type Observation,
  type ParsedStep,
  type ReadResult,
  type WorkContext,
} from './connector/connector.ts';
export { ConnectorError, type ConnectorErrorCode } from './connector/connector-error.ts';
export { interruption } from './connector/interruption.ts';
export { staleResources } from './connector/stale-resources.ts';
export { Capture } from './exec/capture.ts';
export type { Exec, ExecRequest, ExecResult } from './exec/exec.ts';
export { localExec } from './exec/local-exec.ts';
export { Programs } from './exec/programs.ts';
export type { ProgramAnswer, ProgramCall } from './exec/run-program.ts';
export { LineJoiner } from './log/line-joiner.ts';
export type { Channel, LogLine } from './log/log-line.ts';
export { LogOutput } from './log/log-output.ts';
export { Since, sinceNanoseconds } from './log/since.ts';
export { StampedSplitter } from './log/stamped-splitter.ts';
export { epochNanoseconds, isLater } from './log/time.ts';
export { splitTimeStamp } from './log/time-stamp.ts';
export { fingerprint } from './manifest/fingerprint.ts';
export { manifestOf } from './manifest/manifest.ts';
export { nearestNames } from './name/nearest-names.ts';
export { fittingEntries } from './read/fitting-entries.ts';
export { compareReplay } from './replay/compare.ts';
export { replayedPlanDigest } from './replay/plan-digest.ts';
export type { Replayed, ReplayStep, ReplaySubject } from './replay/replay.ts';
export { replayRecord } from './replay/replay-record.ts';
export { secretInput } from './secret/secret-input.ts';
