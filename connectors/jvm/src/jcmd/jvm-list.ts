/** One JVM as `jcmd -l` lists it. */
export interface ListedJvm {
  readonly pid: number;
  /** Main class or jar file, without the folders before it. What stands behind it may be secret and is left out. */
  readonly name: string;
}

const ownMain = /(?:^|[./])JCmd$/;

/** Reads `jcmd -l`: pid, main class or jar, arguments. jcmd itself is left out. */
export function readJvms(text: string): ListedJvm[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, main = ''] = /^(\d+)(?:\s+(\S+))?/.exec(line) ?? [];
    if (pid === undefined || ownMain.test(main)) return [];
    const name = main.slice(main.lastIndexOf('/') + 1);
    return [{ pid: Number(pid), name: name === '' || name === '--' ? 'unknown' : name }];
  });
}
