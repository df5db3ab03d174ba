import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionOf } from '../../../src/core/domain/partition.ts';

test('OPS-17: the partition follows from the region', () => {
  const cases = {
    'us-west-2': 'aws',
    'cn-northwest-1': 'aws-cn',
    'us-gov-west-1': 'aws-us-gov',
    'us-iso-east-1': 'aws-iso',
    'us-isob-east-1': 'aws-iso-b',
    'eusc-de-east-1': 'aws-eusc',
    'eu-central-1': 'aws',
  };
  for (const [region, partition] of Object.entries(cases)) assert.equal(partitionOf(region), partition);
});
