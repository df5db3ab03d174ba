import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEndpoints } from '../../src/aws/endpoints.ts';

test('OPS-17: service ids are read as ALBC documents them, whatever their case and spaces', () => {
  const text =
    'Elastic Load Balancing v2=http://127.0.0.1:4566,ec2=http://127.0.0.1:4567 , ACM=https://acm.example';
  assert.deepEqual(parseEndpoints(text), {
    endpoints: {
      elasticloadbalancing: 'http://127.0.0.1:4566',
      ec2: 'http://127.0.0.1:4567',
      acm: 'https://acm.example',
    },
    mistakes: [],
  });
});

test('a service that is not called yet is accepted, an unknown one and a broken pair are not', () => {
  const { endpoints, mistakes } = parseEndpoints(
    'CloudWatch=http://127.0.0.1:1,S4=http://127.0.0.1:2,ec2,acm=nowhere',
  );
  assert.deepEqual(endpoints, {});
  assert.equal(mistakes.length, 3);
  assert.match(
    mistakes.join('\n'),
    /"S4" is not a known service.*\n.*"ec2" is not of the form.*\n.*"nowhere" of acm is not a URL/,
  );
});
