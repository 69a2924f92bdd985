/** Whether a word looks like the path of a file or folder rather than a name, a version or an address. */
export function isPathLike(text: string): boolean {
  if (text.includes('://') || /[@=:]/.test(text) || /^v?\d+(?:\.\d+)+$/.test(text)) return false;
  return (
    text.includes('/') ||
    /^[^.].*\.[A-Za-z][A-Za-z0-9]{0,7}$/.test(text) ||
    /^\.[A-Za-z]/.test(text) ||
    /[*\\]/.test(text)
  );
}

/** A path as inputs take it: no slash at its end, no `./` at its beginning. */
export function pathOf(text: string): string {
  return text.replace(/^(?:\.\/)+/, '').replace(/(?<=.)\/+$/, '');
}

/** Why a path may not be used, or null: it must stay below the root, name exactly one thing, and never be git's own. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'is empty';
  if (/^[/~]/.test(path)) return 'is not below the root of the repository';
  if (/^-/.test(path) || path.includes('\\')) return 'is no plain path';
  if (/[*?[\]]/.test(path)) return 'is a pattern, and each file must be named';
  const parts = path.split('/').map((part) => part.toLowerCase());
  if (parts.some((part) => part === '..' || part === '.' || part === ''))
    return 'goes through "..", "." or an empty part';
  if (parts.some((part) => part === '.git')) return "names git's own folder";
  return null;
}
