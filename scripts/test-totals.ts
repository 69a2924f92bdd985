import { readCounts, testProjects } from './test/report.ts';

const counts = testProjects.map(readCounts).filter((row) => row !== undefined);
const total = (outcome: 'passed' | 'failed') => counts.reduce((sum, row) => sum + row[outcome], 0);
console.log(`${total('passed')} passed, ${total('failed')} failed`);
