import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanDuration } from '../../../../src/simulator/kube/http/age.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

test('durations read as kubectl prints them', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0s'],
    [119, '119s'],
    [2 * minute, '2m'],
    [2 * minute + 5, '2m5s'],
    [10 * minute + 5, '10m'],
    [3 * hour + 10 * minute, '3h10m'],
    [9 * hour + 10 * minute, '9h'],
    [2 * day + 3 * hour, '2d3h'],
    [8 * day + 3 * hour, '8d'],
    [800 * day, '2y70d'],
    [3000 * day, '8y'],
    [-5, '<invalid>'],
  ];
  for (const [seconds, expected] of cases) assert.equal(humanDuration(seconds * 1000), expected);
});
