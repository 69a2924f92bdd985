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
  readonly token: string | null;
  readonly config?: string;
  readonly name?: string;
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

/** Commands that need more than a client; the wiring application supplies them, lazily imported. Each answers its exit code. */
export interface HostCommands {
  serve(options: ServeOptions): Promise<number>;
  worker(options: WorkerOptions): Promise<number>;
  init(options: InitOptions): Promise<number>;
  demo(options: DemoOptions): Promise<number>;
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
