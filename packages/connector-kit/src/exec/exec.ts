/** Runs programs without a shell. */
export interface ExecRequest {
  /** Program name or absolute path. */
  readonly file: string;
  /** Typed arguments; put `--` before values. */
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The whole environment of the child, not additions to ours. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  /** Largest accepted stdout and stderr in bytes; more kills the child and sets `truncated`. */
  readonly maxBytes: number;
  /** Called with each chunk of stdout as it comes, in order. */
  readonly onStdout?: (chunk: Uint8Array) => void;
}

export interface ExecResult {
  /** Exit code; null if a signal ended the child. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly timedOut: boolean;
  readonly truncated: boolean;
}

export interface Exec {
  /** Resolves for every exit code. Throws ConnectorError E_TARGET_UNREACHABLE if the program cannot be started. */
  run(request: ExecRequest): Promise<ExecResult>;
}
