import { failuresOf, readCounts, readReport, testProjects } from './test/report.ts';

// Last, since a log is most often read from its end: what failed, and how many tests all runs had.
for (const project of testProjects) {
  const report = readReport(project);
  for (const failure of report === undefined ? [] : failuresOf(report)) console.log(`FAILED ${project} ${failure}`);
}

const counts = testProjects.map(readCounts).filter((row) => row !== undefined);
const total = (outcome: 'passed' | 'failed') => counts.reduce((sum, row) => sum + row[outcome], 0);
console.log(`${total('passed')} passed, ${total('failed')} failed`);
