export { type Colors, colorsFor } from './render/colors.ts';
export { renderDiff } from './render/diff.ts';
export { renderTable } from './render/table.ts';
export { renderVerdict } from './render/verdict.ts';
