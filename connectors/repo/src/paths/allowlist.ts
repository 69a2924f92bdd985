/** Which paths of a repository may be read and written. */
export interface Allowlist {
  allows(path: string): boolean;
}

const special = /[.+^${}()|[\]\\]/g;

/** `**` any number of folders, `*` and `?` within a name; `folder/**` means the folder itself too. */
function globPattern(glob: string): string {
  // Several `**` in a row say no more than one.
  const parts = glob.split('/').filter((part, index, all) => part !== '**' || all[index - 1] !== '**');
  const last = parts.length - 1;
  return parts
    .map((part, index) => {
      if (part === '**') return index === last ? (index === 0 ? '.*' : '(?:/.*)?') : '(?:[^/]+/)*';
      const name = part.replace(special, '\\$&').replace(/\*+/g, '[^/]*').replace(/\?/g, '[^/]');
      const slash = index === last || (index === last - 1 && parts[last] === '**') ? '' : '/';
      return `${name}${slash}`;
    })
    .join('');
}

/** Deny wins over allow. Deny ignores case, so that no file system gives a denied file under another spelling. */
export function makeAllowlist(allow: readonly string[], deny: readonly string[]): Allowlist {
  const allowed = allow.map((glob) => new RegExp(`^${globPattern(glob)}$`, 'su'));
  const denied = deny.map((glob) => new RegExp(`^${globPattern(glob)}$`, 'sui'));
  return {
    allows: (path) => allowed.some((each) => each.test(path)) && !denied.some((each) => each.test(path)),
  };
}
