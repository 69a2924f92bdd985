#!/usr/bin/env node
// Plain JavaScript that an old Node can read, so that it can say what is missing. Nothing is imported before `--version`.
const version = '0.1.0';
const leastMajor = 24;

/** The Node that the checkout pins in its development dependencies, looked for from here upward; null when there is none. */
async function pinnedNode() {
  const [{ existsSync }, { dirname, join }, { fileURLToPath }] = await Promise.all([
    import('node:fs'),
    import('node:path'),
    import('node:url'),
  ]);
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, 'node_modules', 'node', 'bin', name);
    if (existsSync(candidate)) return candidate;
    const above = dirname(folder);
    if (above === folder) return null;
    folder = above;
  }
}

/** Runs this file again with another Node, passes signals on and ends as it ends. */
async function runWith(node) {
  const [{ spawn }, { fileURLToPath }] = await Promise.all([import('node:child_process'), import('node:url')]);
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: 'inherit', env: { ...process.env, COUNTERSIGN_PINNED_NODE: '1' } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // On a terminal Ctrl-C reaches the child by itself; passed on as well it would count as a second one.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`countersign: cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

async function start() {
  if (Number(process.versions.node.split('.')[0]) < leastMajor) {
    const node = process.env.COUNTERSIGN_PINNED_NODE ? null : await pinnedNode();
    if (node !== null) return runWith(node);
    console.error(
      `countersign needs Node ${leastMajor} or newer; this is ${process.version}. See https://nodejs.org/.`,
    );
    process.exit(1);
  }
  const { existsSync } = await import('node:fs');
  if (existsSync(new URL('../dist/countersign.js', import.meta.url))) await import('../dist/countersign.js');
  else await import('../src/main.ts');
}

if (process.argv.length === 3 && ['--version', '-V'].includes(process.argv[2])) console.log(version);
else await start();
