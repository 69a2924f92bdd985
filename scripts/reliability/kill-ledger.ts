import type { FaultRow } from '@countersign/testing/fault';

/** Kills at one named point, by the process that died. */
interface PointKills {
  readonly byVictim: Map<string, number>;
  readonly databases: Set<string>;
  lost: number;
  twice: number;
}

/** Processes in the order of the columns. */
const victims = ['embedded', 'server', 'worker', 'first start', 'restore'];

/** A kill's point is written as `propose:before-commit of embedded`. */
function splitPoint(point: string): { name: string; victim: string } {
  const [name = point, victim = 'embedded'] = point.split(' of ');
  return { name, victim };
}

function collected(rows: readonly FaultRow[]): Map<string, PointKills> {
  const points = new Map<string, PointKills>();
  for (const row of rows) {
    const { name, victim } = splitPoint(row.point);
    const point = points.get(name) ?? { byVictim: new Map(), databases: new Set(), lost: 0, twice: 0 };
    point.byVictim.set(victim, (point.byVictim.get(victim) ?? 0) + row.fired);
    if (row.database !== undefined) point.databases.add(row.database);
    point.lost += row.lost;
    point.twice += row.twice;
    points.set(name, point);
  }
  return points;
}

/** The ledger of kills as Markdown; `expected` are all named points, so that one without a kill shows as such. */
export function renderKillLedger(rows: readonly FaultRow[], expected: readonly string[]): string {
  const points = collected(rows);
  const total = rows.reduce((sum, row) => sum + row.fired, 0);
  const lost = rows.reduce((sum, row) => sum + row.lost, 0);
  const twice = rows.reduce((sum, row) => sum + row.twice, 0);
  const lines = [...points].map(([name, { byVictim, databases, lost: gone, twice: again }]) => {
    const counts = victims.map((victim) => byVictim.get(victim) ?? 0);
    const sum = counts.reduce((all, count) => all + count, 0);
    return `| \`${name}\` | ${counts.map((count) => (count === 0 ? '' : count)).join(' | ')} | **${sum}** | ${[...databases].sort().join(', ')} | ${gone} | ${again} |`;
  });
  const without = expected.filter((name) => !points.has(name));
  return [
    `${total} kills at ${points.size} named points; ${lost} lost, ${twice} twice.`,
    '',
    `| point | ${victims.join(' | ')} | kills | database | lost | twice |`,
    `|---|${victims.map(() => '--:|').join('')}--:|---|--:|--:|`,
    ...lines.sort(),
    ...(without.length === 0
      ? []
      : ['', `**No evidence** at ${without.length} points: ${without.map((name) => `\`${name}\``).join(', ')}.`]),
  ].join('\n');
}
