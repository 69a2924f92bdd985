import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const PackageFile = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
});

/** The package of a module by its path: the last folder of a `node_modules`, with its scope. `null` for our own sources. */
export function packageFolder(module: string): string | null {
  const [path = ''] = module.replace(/^\0/, '').split('?');
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null;
}

/**
 * The software bill of materials of a bundle, CycloneDX 1.6 as JSON: every package of which some module is in it, with
 * version and licence, and Node, which runs it. The same modules always give the same text.
 */
export async function billOfMaterials(name: string, version: string, modules: readonly string[]): Promise<string> {
  const folders = new Set(modules.flatMap((module) => packageFolder(module) ?? []));
  const packages = await Promise.all(
    [...folders].map(async (folder) =>
      PackageFile.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))),
    ),
  );
  // Our own packages are linked into node_modules; they are the product itself.
  const others = packages.filter((each) => !each.name.startsWith('@countersign/'));
  const components = [...new Map(others.map((each) => [purlOf(each), each]))].sort(([left], [right]) =>
    left < right ? -1 : 1,
  );
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': name, name, version } },
    components: [
      { type: 'platform', 'bom-ref': 'node', name: 'node', version: process.versions.node },
      ...components.map(([purl, { name, version, license }]) => ({
        type: 'library',
        'bom-ref': purl,
        name,
        version,
        purl,
        ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
      })),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function purlOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
