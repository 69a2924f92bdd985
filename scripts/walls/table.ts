/** What one package may import, besides Node's own modules, its relative files and itself. */
export interface Wall {
  /** The package's folder in the repository. */
  readonly folder: string;
  /** The workspace packages that its shipped code may import; `all` for the place that wires things together. */
  readonly workspace: readonly string[] | 'all';
  /** The npm packages that its shipped code may import; `declared` is whatever its own package.json lists. */
  readonly external: readonly string[] | 'declared';
  /** Deterministic and portable: no Node modules, clock, randomness or process. The exceptions are files. */
  readonly pure?: { readonly except: readonly string[] };
}

const wall = (folder: string, workspace: Wall['workspace'], rest: Partial<Wall> = {}): Wall => ({
  folder,
  workspace,
  external: 'declared',
  ...rest,
});

const evidenceEdges = ['src/node.ts', 'src/browser.ts'];

/** The table of "The house" in the architecture. A package that stands in no row fails the check. */
export const walls: readonly Wall[] = [
  wall('packages/protocol', [], { external: ['zod'] }),
  wall('packages/evidence', ['protocol'], { pure: { except: evidenceEdges } }),
  wall('packages/kernel', ['protocol', 'evidence'], { external: [], pure: { except: [] } }),
  wall('packages/policy', ['protocol', 'kernel']),
  wall('packages/store', ['protocol', 'kernel']),
  wall('packages/engine', ['protocol', 'evidence', 'kernel']),
  wall('packages/connector-kit', ['protocol']),
  wall('packages/transport', ['protocol', 'connector-kit']),
  wall('packages/runner', ['protocol', 'connector-kit', 'evidence', 'client']),
  wall('packages/client', ['protocol']),
  wall('packages/outbound', ['protocol']),
  wall('packages/ai', ['protocol', 'kernel']),
  wall('packages/testing', 'all'),
  wall('apps/server', ['protocol', 'evidence', 'kernel', 'engine']),
  wall('apps/cli', ['protocol', 'client', 'evidence']),
  wall('apps/verifier', ['protocol', 'evidence']),
  wall('apps/page', ['protocol', 'client', 'evidence'], { external: [] }),
  wall('apps/web', ['protocol', 'client', 'evidence']),
  wall('apps/vscode', ['protocol', 'client', 'evidence']),
  wall('apps/mcp', ['protocol', 'client', 'evidence']),
  wall('apps/countersign', 'all'),
];

/** The row of every folder under `connectors/`: never a sibling. */
export function connectorWall(folder: string): Wall {
  return wall(folder, ['protocol', 'connector-kit', 'transport']);
}

/** What shipped code may import nowhere, whatever its row says. */
export const testsOnly = 'testing';

/** Globals of the language itself that a pure package may not name; all others are missing from its types. */
export const impureGlobals: ReadonlySet<string> = new Set(['Date', 'performance', 'process', 'globalThis', 'eval']);

/** Globals of every runtime, pure and deterministic, that a pure package may declare because its types lack them. */
export const portableGlobals: ReadonlySet<string> = new Set(['TextEncoder', 'TextDecoder', 'structuredClone']);
