import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

// Compares what survived with the reasons that are kept for it, and writes docs/mutation.md. Fails where a survivor has no
// reason, a reason has no survivor, or fewer than nine in ten mutants were killed.
const Report = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.string(),
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          replacement: z.string().optional(),
          status: z.string(),
          location: z.object({ start: z.object({ line: z.int() }) }),
        }),
      ),
    }),
  ),
});
/** Why a mutant may live: known by its file, the text of its line, the mutator and what it puts there. */
const Reason = z.strictObject({
  file: z.string(),
  line: z.string(),
  mutator: z.string(),
  replacement: z.string(),
  reason: z.string().min(1),
});
type Survivor = Omit<z.infer<typeof Reason>, 'reason'> & { readonly covered: boolean };

const here = import.meta.dirname;
const root = join(here, '../..');
const lowest = 90;
const packages = process.argv.slice(2);

function json(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
const keyOf = ({ file, line, mutator, replacement }: Omit<Survivor, 'covered'>): string =>
  JSON.stringify([file, line, mutator, replacement]);
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const reasons = z.array(Reason).parse(json(join(here, 'survivors.json')));
const known = new Map(reasons.map((reason) => [keyOf(reason), reason.reason]));
const met = new Set<string>();
const problems: string[] = [];
const scores: string[] = [];
const rows: string[] = [];

for (const name of packages.length === 0 ? ['kernel', 'evidence'] : packages) {
  const { files } = Report.parse(json(join(root, '.cache/mutation', `${name}.json`)));
  const mutants = Object.entries(files).flatMap(([path, { source, mutants: made }]) =>
    made.map(({ mutatorName: mutator, replacement = '', status, location }) => ({
      file: `packages/${name}/${path}`,
      line: source.split('\n')[location.start.line - 1]?.trim() ?? '',
      mutator,
      replacement: replacement.slice(0, 120),
      status,
    })),
  );
  const killed = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const survivors = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const score = (100 * killed) / (killed + survivors.length);
  scores.push(`| ${name} | ${killed + survivors.length} | ${killed} | ${survivors.length} | ${score.toFixed(2)} % |`);
  if (score < lowest)
    problems.push(`${name}: ${score.toFixed(2)} % of the mutants were killed, fewer than ${lowest} %`);
  for (const survivor of survivors) {
    const key = keyOf(survivor);
    met.add(key);
    const reason = known.get(key);
    if (reason === undefined)
      problems.push(`no reason: ${survivor.file} "${survivor.line}" -> ${survivor.replacement}`);
    const { file, line, mutator, replacement } = survivor;
    rows.push(
      `| \`${file}\` | \`${cell(line)}\` | ${mutator}: \`${cell(replacement)}\` | ${reason ?? 'no reason yet'} |`,
    );
  }
  for (const reason of reasons) {
    if (reason.file.startsWith(`packages/${name}/`) && !met.has(keyOf(reason))) {
      problems.push(`no survivor for a reason: ${reason.file} "${reason.line}" -> ${reason.replacement}`);
    }
  }
}

writeFileSync(
  join(root, 'docs/mutation.md'),
  `# Mutation score

Made by \`npm run mutation\`; reasons are kept in \`test/mutation/survivors.json\`.

| package | mutants | killed | survived | score |
|---|---|---|---|---|
${scores.join('\n')}

## Survivors

| file | line | mutant | why it may live |
|---|---|---|---|
${rows.join('\n')}
`,
);
for (const problem of problems) console.error(problem);
console.log(`${scores.join('\n')}\n${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
