import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretForms } from '@countersign/protocol';

/** Secrets of one run, each of its own shape; `seed` makes them unlike any other run's. */
export function makeCanaries(
  seed: string,
): Readonly<Record<'password' | 'aws' | 'key' | 'standing' | 'remote', string>> {
  const upper = Buffer.from(seed).toString('hex').toUpperCase().padEnd(16, '7').slice(0, 16);
  const body = Buffer.from(`${seed}-private-key-body-of-some-length-0123456789`).toString('base64');
  return {
    password: `pw-${seed}-Tr0ub4dor+3/x`,
    aws: `AKIA${upper}`,
    key: `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`,
    standing: `st-${seed}-already-there-9`,
    remote: `rm-${seed}-in-the-address-8`,
  };
}

function spellings(secret: string): Buffer[] {
  const lines = secret.startsWith('-----BEGIN') ? (secret.split('\n')[1] ?? secret) : secret;
  return [...new Set([...secretForms(secret), ...secretForms(lines)])].map((form) => Buffer.from(form));
}

/** Which canaries stand in some bytes, in any spelling: raw, JSON, URL, hex, base64 at each alignment. */
export function canariesIn(bytes: Uint8Array, canaries: Readonly<Record<string, string>>): string[] {
  const buffer = Buffer.from(bytes);
  return Object.entries(canaries)
    .filter(([, secret]) => spellings(secret).some((form) => buffer.includes(form)))
    .map(([name]) => name);
}

/** Every file below a folder with the canaries in it, and how many files were read. */
export function searchFolder(
  folder: string,
  canaries: Readonly<Record<string, string>>,
): { files: number; hits: string[] } {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const hits = entries.flatMap(({ parentPath, name }) =>
    canariesIn(readFileSync(join(parentPath, name)), canaries).map((canary) => `${name}: ${canary}`),
  );
  return { files: entries.length, hits };
}
