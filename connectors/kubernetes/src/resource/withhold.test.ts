import { describe, expect, it } from 'vitest';
import { withoutSecrets } from './withhold.ts';
import { withheldPair } from './withhold-pair.ts';

const container = (value: string) => ({
  name: 'main',
  args: ['--port=80'],
  env: [
    { name: 'PASSWORD', value },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
  ],
});
const pod = (value: string) => ({ spec: { containers: [container(value)] } });

describe('what is shown of an object', () => {
  it('keeps names and references of variables, and no values', () => {
    const shown = JSON.stringify(withoutSecrets(pod('hunter2')));
    expect(shown).not.toContain('hunter2');
    expect(shown).toContain('"name":"PASSWORD","value":"[withheld]"');
    expect(shown).toContain('"secretKeyRef":{"name":"s","key":"k"}');
    expect(shown).toContain('--port=80');
  });

  it('keeps the keys of data, and leaves out what kubectl applied and who manages what', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"hunter2":1}', note: 'kept' };
    const object = {
      metadata: { managedFields: [{}], annotations },
      data: { a: 'hunter2' },
      binaryData: { b: 'aHVudGVyMg==' },
    };
    expect(withoutSecrets(object)).toEqual({
      metadata: { annotations: { note: 'kept' } },
      data: { a: '[withheld]' },
      binaryData: { b: '[withheld]' },
    });
  });
});

describe('two states of an object', () => {
  it('show that a value changes and not what it is', () => {
    const [before, after] = withheldPair(pod('hunter2'), pod('hunter3'));
    expect(JSON.stringify([before, after])).not.toContain('hunter');
    expect(JSON.stringify(before)).toContain('"value":"[withheld: before]"');
    expect(JSON.stringify(after)).toContain('"value":"[withheld: after]"');
  });

  it('are equal where nothing changes, and show a variable that is new', () => {
    const [before, after] = withheldPair(pod('hunter2'), pod('hunter2'));
    expect(before).toEqual(after);
    const [none, some] = withheldPair({ spec: { containers: [{ name: 'main' }] } }, pod('hunter2'));
    expect(JSON.stringify(none)).not.toContain('withheld');
    expect(JSON.stringify(some)).toContain('[withheld: after]');
  });
});
