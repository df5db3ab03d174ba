import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeIngressClassParams } from '../../src/webhook/ingress-class-params.ts';

const words = (spec: unknown): string => {
  const verdict = judgeIngressClassParams({ metadata: { name: 'public' }, spec });
  return verdict.allowed ? 'allowed' : verdict.words;
};

const cidr = (text: string) => words({ inboundCIDRs: [text] });
const at0 = 'spec.inboundCIDRs[0]: Invalid value: ';

test('CLS-24: inboundCIDRs are networks without host bits', () => {
  assert.equal(cidr('10.0.0.0/8'), 'allowed');
  assert.equal(cidr('2001:DB8::/32'), 'allowed');
  assert.equal(cidr('0.0.0.0/0'), 'allowed');
  assert.equal(cidr('::/0'), 'allowed');
  const table = {
    '10.0.0.1': 'Could not be parsed as a CIDR (did you mean "10.0.0.1/32")',
    '2001:db8::1': 'Could not be parsed as a CIDR (did you mean "2001:db8::1/64")',
    '10.0.0.1/8': 'Network contains bits outside prefix (did you mean "10.0.0.0/8")',
    '2001:db8:0:1::/32': 'Network contains bits outside prefix (did you mean "2001:db8::/32")',
    '10.0.0.0/33': 'Could not be parsed as a CIDR',
    all: 'Could not be parsed as a CIDR',
    '': 'Could not be parsed as a CIDR',
  };
  for (const [text, detail] of Object.entries(table)) assert.equal(cidr(text), `${at0}"${text}": ${detail}`);
});

test('CLS-24: subnets are chosen by ids or by tags, each named once', () => {
  assert.equal(words({ subnets: { ids: ['subnet-a', 'subnet-b'] } }), 'allowed');
  assert.equal(words({ subnets: { tags: { tier: ['x', 'y'] } } }), 'allowed');
  assert.equal(words({ subnets: {} }), 'spec.subnets: Required value: must have either `ids` or `tags`');
  assert.equal(
    words({ subnets: { ids: ['subnet-a'], tags: { a: ['b'] } } }),
    'spec.subnets.tags: Forbidden: may not have both `ids` and `tags` set',
  );
  assert.equal(
    words({ subnets: { ids: ['subnet-a', 'subnet-b', 'subnet-a'] } }),
    'spec.subnets.ids[2]: Duplicate value: "subnet-a"',
  );
  assert.equal(
    words({ subnets: { tags: {} } }),
    'spec.subnets.tags: Required value: must have at least one tag key',
  );
  assert.equal(
    words({ subnets: { tags: { a: ['b', 'b'] } } }),
    'spec.subnets.tags[a][1]: Duplicate value: "b"',
  );
});

test('CLS-24: several mistakes are told together', () => {
  assert.equal(
    words({ inboundCIDRs: ['x'], subnets: {} }),
    `[${at0}"x": Could not be parsed as a CIDR, spec.subnets: Required value: must have either \`ids\` or \`tags\`]`,
  );
});

test('CLS-24: what the schema refuses anyway is left to it', () => {
  for (const spec of [undefined, null, 'x', { inboundCIDRs: 'x' }, { subnets: { ids: [1] } }]) {
    assert.equal(words(spec), 'allowed');
  }
});
