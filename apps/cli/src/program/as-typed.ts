/** Says commands of a text as they can be typed here: through npx, where this one was. */
export function asTyped(text: string, env: Readonly<Record<string, string | undefined>>): string {
  return env['npm_command'] === 'exec'
    ? text.replaceAll(/(?<!npx )(?<=^|[\s`(])countersign (?=[a-z])/g, 'npx countersign ')
    : text;
}
