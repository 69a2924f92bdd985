import './jitless.ts';

import { verifyBundle, visibleLine } from '@countersign/evidence';
import { browserVerifyCrypto } from '@countersign/evidence/browser';
import type { TrustRoot } from '@countersign/protocol';
import { byId, element } from './element.ts';
import {
  bundleInOneFile,
  type Files,
  filesOfDrop,
  filesOfFolder,
  type GivenFile,
  readFiles,
  readTrustRoot,
} from './read-input.ts';
import { showReport } from './show-report.ts';

interface Given {
  files: Files | null;
  trust: TrustRoot | null;
  /** False for keys that came along with the bundle. */
  independent: boolean;
}
const given: Given = { files: null, trust: null, independent: false };
const result = byId('result');
let round = 0;

function say(id: string, text: string): void {
  byId(id).textContent = visibleLine(text);
}

async function verify(): Promise<void> {
  const { files, trust, independent } = given;
  round += 1;
  const mine = round;
  result.replaceChildren();
  if (files === null || trust === null) return;
  const report = await verifyBundle(files, trust, browserVerifyCrypto);
  // What was given meanwhile is verified by its own round.
  if (mine !== round) return;
  const whose = `Keys of installation ${trust.installation}: ${trust.keys.map(({ keyid }) => keyid).join(', ')}.`;
  const warning = independent ? '' : ' These keys came along with the bundle: compare them with the installation.';
  result.replaceChildren(...showReport(report, files, whose + warning));
  byId('verdict').focus();
}

async function takeTrust(bytes: Uint8Array): Promise<void> {
  given.trust = null;
  given.trust = await readTrustRoot(bytes);
  given.independent = true;
  say('trust-state', `Installation ${given.trust.installation}, ${given.trust.keys.length} key(s).`);
}

async function takeBundle(list: readonly GivenFile[]): Promise<void> {
  const files = await readFiles(list);
  const [only] = files.values();
  const single = files.size === 1 && only !== undefined ? bundleInOneFile(only) : null;
  given.files = single?.files ?? files;
  if (single !== null && (given.trust === null || !given.independent)) {
    given.trust = single.trust;
    given.independent = false;
    say('trust-state', 'The keys came along with the bundle; better give those of the installation.');
  }
  say('bundle-state', `${given.files.size} files.`);
}

/** Takes something in, verifies, and says what went wrong where it did. */
function take(place: string, work: () => Promise<void>): void {
  result.setAttribute('aria-busy', 'true');
  work()
    .then(verify)
    .catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      say(place, message);
      result.replaceChildren(element('p', { role: 'alert', class: 'error' }, visibleLine(message)));
    })
    .finally(() => result.setAttribute('aria-busy', 'false'));
}

function onFiles(id: string, work: (list: FileList) => void): void {
  const input = byId(id);
  input.addEventListener('change', () => {
    if (input instanceof HTMLInputElement && input.files !== null && input.files.length > 0) work(input.files);
  });
}

onFiles('folder', (list) => take('bundle-state', () => takeBundle(filesOfFolder(list))));
onFiles('single', (list) => take('bundle-state', () => takeBundle(filesOfFolder(list))));
onFiles('trust', (list) =>
  take('trust-state', async () => takeTrust(new Uint8Array((await list[0]?.arrayBuffer()) ?? new ArrayBuffer()))),
);

for (const name of ['dragover', 'drop', 'dragleave'] as const) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.toggle('over', name === 'dragover');
    const items = name === 'drop' ? event.dataTransfer?.items : undefined;
    if (items === undefined) return;
    const dropped = filesOfDrop(items);
    take('bundle-state', async () => takeBundle(await dropped));
  });
}

if (!isSecureContext) {
  result.append(
    element(
      'p',
      { role: 'alert', class: 'error' },
      'This address is not secure, so the browser offers no cryptography: save the page and open it from the disk.',
    ),
  );
}
