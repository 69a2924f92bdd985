import type {
  BackupManifest,
  ExplainPrincipal,
  ExplainView,
  PolicyFaultView,
  ReplayRecord,
  ReplayReport,
} from '@countersign/protocol';
import type { Examination } from '../doctor/examination.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `countersign serve`. */
export interface ServeOptions {
  readonly host?: string;
  readonly port?: number;
  /** Path of `countersign.yaml`, resolved. */
  readonly config?: string;
  /** Data folder, resolved. */
  readonly dataDir?: string;
  /** False with `--no-worker`: the server runs without its embedded worker. */
  readonly worker: boolean;
}
/** `countersign worker`. */
export interface WorkerOptions {
  readonly server: string;
  /** A bearer token; null for a worker that joined, or joins, with a key of its own. */
  readonly token: string | null;
  /** The one-time secret to join by; null where none was given. */
  readonly enrolment: string | null;
  readonly config?: string;
  readonly name?: string;
}
/** `countersign mcp`. */
export interface McpCommandOptions {
  readonly server: string;
  /** The caller's token for stdio; null over HTTP, where each request brings its own. */
  readonly token: string | null;
  /** Where to listen for HTTP; null for stdio. */
  readonly listen: { readonly host: string; readonly port: number; readonly allowedHosts: readonly string[] } | null;
  /** File with public keys kept elsewhere, resolved. */
  readonly trust?: string;
  /** Name of the repository that `ops://context` is about. */
  readonly repository?: string;
}
/** `countersign init`. */
export interface InitOptions {
  /** Folder that gets `countersign.yaml`. */
  readonly folder: string;
  /** Replaces a file that is there. */
  readonly force: boolean;
}
/** `countersign demo`. */
export interface DemoOptions {
  readonly dataDir?: string;
  readonly color: boolean;
  /** A running container that the demo may restart. */
  readonly container?: string;
}

/** `countersign backup check`. */
export interface BackupCheckOptions {
  /** The backup, resolved. */
  readonly folder: string;
  /** File with public keys kept elsewhere, resolved. */
  readonly trust?: string;
}
/** `countersign restore`. */
export interface RestoreOptions extends BackupCheckOptions {
  /** New data folder, resolved. */
  readonly dataDir: string;
  readonly config?: string;
}
/** What a restore brought. */
export interface RestoreReport {
  readonly backup: string;
  readonly data_dir: string;
  readonly database: 'sqlite' | 'postgres';
  readonly installation: string;
  readonly rows: number;
  readonly artifacts: number;
  /** Bundles whose folders were written again. */
  readonly bundles: number;
  /** Entries of the audit now. */
  readonly tree_size: number;
  /** Operations that were open when the backup was made; at most 100. */
  readonly open: readonly string[];
  readonly independent_trust: boolean;
}
/** `countersign doctor`. */
export interface DoctorOptions {
  /** Data folder, resolved. */
  readonly dataDir: string;
  /** Configuration file, resolved. */
  readonly config?: string;
}
/** Which policies are meant: those of a folder beside the shipped ones, or those that a configuration names. */
export interface PolicyPlace {
  /** Folder of .cedar files; `shipped` for the shipped ones alone. */
  readonly folder?: string;
  /** Configuration file, as given. */
  readonly config?: string;
  readonly profile?: 'standard' | 'solo';
}
/** `countersign policy init`. */
export interface PolicyInitOptions extends PolicyPlace {
  /** Replaces files that are there. */
  readonly force: boolean;
}
/** What validating policies found. */
export interface PolicyCheckReport {
  /** Version of the set; null where it has faults. */
  readonly version: string | null;
  readonly profile: 'standard' | 'solo';
  readonly folder: string | null;
  readonly files: number;
  readonly policies: number;
  readonly faults: readonly PolicyFaultView[];
}
/** `countersign policy test`. */
export interface PolicyTestOptions extends PolicyPlace {
  /** Table of questions and expected verdicts. */
  readonly file: string;
  /** Folder of other policies to compare with. */
  readonly against?: string;
}
/** A verdict in the words of a table. */
export interface PolicyAnswer {
  readonly verdict: 'allow' | 'needs' | 'deny';
  readonly obligations: readonly string[];
  readonly policies: readonly string[];
  readonly reason: string;
}
/** What a table of expected verdicts gave; `before` is what the other policies say, where some were named. */
export interface PolicyTestReport {
  readonly version: string;
  readonly against: string | null;
  readonly cases: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly expected: Pick<PolicyAnswer, 'verdict'> & Partial<Pick<PolicyAnswer, 'obligations' | 'policies'>>;
    readonly got: PolicyAnswer;
    readonly before: PolicyAnswer | null;
    readonly changed: boolean;
  }[];
}
/** `countersign policy explain` with files instead of a server. */
export interface PolicyExplainOptions extends PolicyPlace {
  readonly principal: ExplainPrincipal;
  readonly action: string;
  readonly effect: 'read' | 'write' | 'destructive';
  readonly tier: 'dev' | 'stage' | 'prod';
}
/** Says what a long command is doing. */
export type Tell = (message: string) => void;

/** Commands that need more than a client; the wiring application supplies them, lazily imported. Those that answer a number answer their exit code. */
export interface HostCommands {
  serve(options: ServeOptions): Promise<number>;
  worker(options: WorkerOptions): Promise<number>;
  mcp(options: McpCommandOptions): Promise<number>;
  init(options: InitOptions): Promise<number>;
  demo(options: DemoOptions): Promise<number>;
  /** Throws a CodedError that names what does not hold. */
  checkBackup(options: BackupCheckOptions, tell: Tell): Promise<BackupManifest>;
  examineHost(options: DoctorOptions): Promise<Examination[]>;
  /** Validates policies; faults are an answer. Throws a CodedError where they cannot be read. */
  checkPolicies(options: PolicyPlace): Promise<PolicyCheckReport>;
  /** Answers what was written. */
  initPolicies(options: PolicyInitOptions): Promise<string[]>;
  testPolicies(options: PolicyTestOptions): Promise<PolicyTestReport>;
  explainPolicies(options: PolicyExplainOptions): Promise<Pick<ExplainView, 'verdict' | 'explanation'>>;
  restore(options: RestoreOptions, tell: Tell): Promise<RestoreReport>;
  /** Replays what a bundle records here, borrowing from a repository that is never written. Throws a CodedError where it cannot. */
  replay(record: ReplayRecord, repository: string | undefined): Promise<ReplayReport>;
}

/** Everything the command line takes from outside. */
export interface CliDeps {
  readonly version: string;
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** A fresh random id: visible ASCII, unguessable. */
  randomId(): string;
  readonly commands: HostCommands;
}
