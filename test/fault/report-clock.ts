import { writeFileSync } from 'node:fs';

// Preloaded into a process whose clock a test sets: it writes down what time that process believes it is.
const file = process.env['CLOCK_REPORT'];
if (file !== undefined) setInterval(() => writeFileSync(file, String(Date.now())), 100).unref();
