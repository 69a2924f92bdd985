#!/usr/bin/env node
// `countersign mcp` by a name of its own: what an MCP client starts. Plain JavaScript, as countersign.js beside it.
process.argv.splice(2, 0, 'mcp');
await import('./countersign.js');
