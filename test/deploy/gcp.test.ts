import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Said, type ScriptStage, scriptStage } from './run-script.ts';

const place = ['--project', 'example', '--zone', 'europe-west1-b'];
const quick = { COUNTERSIGN_SSH_PAUSE: '0', COUNTERSIGN_SSH_TRIES: '3' };
const looks = /^compute (?:disks|instances) describe/;

function run(stage: ScriptStage, script: string, ...args: string[]): Said {
  return stage.run(`gcp/${script}`, [...place, ...args], quick);
}

function releaseOn(stage: ScriptStage): string {
  const file = join(stage.folder, 'countersign-1.2.3-linux-x64.tar.gz');
  writeFileSync(file, '');
  return file;
}

/** What a script changed: its calls without those that only look. */
function changes(stage: ScriptStage): string[] {
  return stage.calls().filter((call) => !looks.test(call) && !call.includes('--command=true'));
}

describe('the scripts for a VM of GCP (DO-15)', () => {
  it('make disk and machine, install, upgrade and remove; each again changes nothing more', () => {
    const stage = scriptStage();
    expect(run(stage, 'create.sh')).toMatchObject({ code: 0, stderr: '' });
    expect(changes(stage).map((call) => call.split(' ').slice(0, 4).join(' '))).toEqual([
      'compute disks create countersign-data',
      'compute instances create countersign',
      expect.stringMatching(/^compute scp .*prepare-disk.sh countersign:\/tmp\/$/),
      'compute ssh countersign --zone=europe-west1-b',
    ]);
    expect(run(stage, 'create.sh')).toMatchObject({ code: 0, stderr: '' });
    expect(changes(stage).filter((call) => call.includes(' create '))).toEqual([]);
    const release = releaseOn(stage);
    for (const action of ['install', 'upgrade']) {
      expect(run(stage, `${action}.sh`, '--release', release), action).toMatchObject({ code: 0, stderr: '' });
      const made = changes(stage);
      expect(made).toHaveLength(2);
      expect(made[1]).toContain(`sudo bash /tmp/setup.sh ${action} /tmp/countersign-1.2.3-linux-x64.tar.gz`);
    }
    expect(run(stage, 'remove.sh').stdout).toContain('kept: disk countersign-data');
    expect(run(stage, 'remove.sh', '--delete-data').code).toBe(0);
    expect(run(stage, 'remove.sh', '--delete-data').code).toBe(0);
    stage.calls();
    expect(run(stage, 'install.sh', '--release', release)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('make it with: create.sh'),
    });
    expect(changes(stage)).toEqual([]);
  });

  it('give the machine no address, no account and no scope, and let its disk outlive it', () => {
    const stage = scriptStage();
    run(stage, 'create.sh');
    const [made = ''] = changes(stage).filter((call) => call.startsWith('compute instances create'));
    for (const option of ['--no-address', '--no-service-account', '--no-scopes', '--shielded-secure-boot'])
      expect(made).toContain(option);
    expect(made).toContain('auto-delete=no');
  });

  it.each(['create.sh', 'install.sh', 'upgrade.sh', 'remove.sh'])(
    '--dry-run of %s prints every command and calls none',
    (script) => {
      const stage = scriptStage();
      const release = releaseOn(stage);
      const args = script === 'create.sh' || script === 'remove.sh' ? [] : ['--release', release];
      const dry = run(stage, script, ...args, '--dry-run');
      expect(dry).toMatchObject({ code: 0, stderr: '' });
      expect(stage.calls()).toEqual([]);
      if (script !== 'create.sh') run(stage, 'create.sh');
      stage.calls();
      expect(run(stage, script, ...args).code).toBe(0);
      const printed = (text: string) => text.split('\n').filter((line) => line.startsWith('+ gcloud'));
      const verbs = (lines: string[]) => lines.map((line) => line.split(' ').slice(2, 5).join(' '));
      expect(verbs(printed(dry.stdout))).toEqual(verbs(stage.calls().map((call) => `+ gcloud ${call}`)));
    },
  );

  it.each([
    ['compute disks create', 'permission.txt', 'roles/compute.instanceAdmin.v1'],
    ['compute instances create', 'quota.txt', 'choose another --zone'],
    ['compute instances create', 'zone-full.txt', 'choose another --zone'],
    ['compute disks describe', 'not-signed-in.txt', 'gcloud auth login'],
  ])('a failure of %s (%s) ends it with the next step, and another try goes on from there', (call, words, next) => {
    const stage = scriptStage();
    stage.fail({ times: 1, call, code: 1, words });
    const failed = run(stage, 'create.sh');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain(next);
    expect(run(stage, 'create.sh')).toMatchObject({ code: 0, stderr: '' });
  });

  it('what somebody else made or took away meanwhile is as good', () => {
    const stage = scriptStage();
    stage.fail({ times: 1, call: 'compute instances create', code: 1, words: 'already-exists.txt' });
    expect(run(stage, 'create.sh').code).toBe(0);
    stage.fail({ times: 1, call: 'compute instances delete', code: 1, words: 'not-found.txt' });
    expect(run(stage, 'remove.sh').code).toBe(0);
  });

  it('a new machine is waited for, and not for ever', () => {
    const stage = scriptStage();
    const call = 'compute ssh countersign --zone=europe-west1-b --tunnel-through-iap --command=true';
    stage.fail({ times: 2, call, code: 255, words: 'ssh-refused.txt' });
    expect(run(stage, 'create.sh').code).toBe(0);
    stage.fail({ times: 99, call, code: 255, words: 'ssh-refused.txt' });
    expect(run(stage, 'create.sh')).toMatchObject({ code: 1, stderr: expect.stringContaining('--troubleshoot') });
  });

  it('what cannot be meant is refused before anything is called', () => {
    const stage = scriptStage();
    for (const args of [
      ['--name', '-rf'],
      ['--name', 'a b'],
      ['--disk-gb', '5'],
      ['--disk-gb', '1;id'],
      ['--what'],
      ['--name'],
    ]) {
      const refused = run(stage, 'create.sh', ...args);
      expect(refused.code, args.join(' ')).not.toBe(0);
      expect(refused.stderr).not.toBe('');
    }
    expect(stage.run('gcp/create.sh', ['--zone', 'z']).stderr).toContain('--project ID');
    expect(run(stage, 'install.sh').stderr).toContain('--release FILE');
    expect(stage.calls()).toEqual([]);
  });
});
