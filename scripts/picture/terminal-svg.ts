const lineHeightPx = 17;
const charWidthPx = 7.8;
const paddingPx = 16;

const palette: Readonly<Record<string, string>> = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
};

interface Style {
  readonly fill: string;
  readonly bold: boolean;
  readonly dim: boolean;
}
const plain: Style = { fill: '#d8dee9', bold: false, dim: false };

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function styled(style: Style, code: string): Style {
  if (code === '0' || code === '') return plain;
  if (code === '1') return { ...style, bold: true };
  if (code === '2') return { ...style, dim: true };
  if (code === '22') return { ...style, bold: false, dim: false };
  if (code === '39') return { ...style, fill: plain.fill };
  return { ...style, fill: palette[code] ?? style.fill };
}

function spanOf(text: string, style: Style): string {
  const weight = style.bold ? ' font-weight="bold"' : '';
  const opacity = style.dim ? ' opacity="0.6"' : '';
  return text === '' ? '' : `<tspan fill="${style.fill}"${weight}${opacity}>${escapeXml(text)}</tspan>`;
}

function lineOf(line: string, start: Style): { svg: string; end: Style } {
  let style = start;
  let svg = '';
  for (const [index, part] of line.split('\u001b[').entries()) {
    const match = index === 0 ? null : /^([0-9;]*)m([\s\S]*)$/.exec(part);
    if (match !== null) for (const code of (match[1] ?? '').split(';')) style = styled(style, code);
    svg += spanOf(match === null ? part : (match[2] ?? ''), style);
  }
  return { svg, end: style };
}

/** A picture of terminal output: ANSI colours become SVG text. */
export function terminalSvg(output: string, columns: number): string {
  const lines = output.trimEnd().split('\n');
  let style = plain;
  const rows = lines.map((line, index) => {
    const { svg, end } = lineOf(line, style);
    style = end;
    return `<text x="${paddingPx}" y="${paddingPx + (index + 1) * lineHeightPx}" xml:space="preserve">${svg}</text>`;
  });
  const width = Math.round(columns * charWidthPx + paddingPx * 2);
  const height = lines.length * lineHeightPx + paddingPx * 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Terminal output">
<rect width="100%" height="100%" rx="8" fill="#1c2128"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">
${rows.join('\n')}
</g>
</svg>
`;
}
