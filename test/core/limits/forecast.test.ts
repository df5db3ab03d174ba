import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desiredGroup } from '../../../src/core/desired/group.ts';
import type { Quota } from '../../../src/core/domain/facts.ts';
import { forecaster } from '../../../src/core/limits/forecast.ts';
import { renderLimits } from '../../../src/core/limits/render.ts';
import { groupRows, regionRows, withForecast } from '../../../src/core/limits/rows.ts';
import { coreConfig } from '../../support/core-config.ts';
import { facts, listener, member, model, nothingObserved, rule } from '../desired/models.ts';

const day = 24 * 60 * 60_000;
const config = coreConfig();
const quotas: readonly Quota[] = [{ name: 'rules-per-application-load-balancer', limit: 20, source: 'api' }];

/** One Ingress with a rule for each of these ages in days; with what is said of the limits now. */
function table(ages: readonly (number | undefined)[]) {
  const ids = ages.map((_age, index) => `web/m${index}`);
  const { value: desired } = desiredGroup({
    model: model({
      members: ids.map(member),
      listeners: [listener(80, { rules: ids.map((id, index) => rule(id, `${index}.example.com`)) })],
    }),
    facts: facts({ quotas }),
    observed: nothingObserved,
    config,
    targetsOf: () => [],
  });
  const now = 100 * day;
  const created = new Map(ids.map((id, index) => [id, ages[index]]));
  const createdAt = (id: string) => {
    const age = created.get(id);
    return age === undefined ? undefined : now - age * day;
  };
  const groups = [{ desired, observed: nothingObserved }];
  const foretell = forecaster(groups, { createdAt, now });
  const use = { loadBalancers: 1, networkLoadBalancers: 0, targetGroups: 1 };
  const rows = [
    ...regionRows({ region: 'r', use, groups, quotas }),
    ...groupRows({ observed: nothingObserved, quotas, wanted: { desired, config } }),
  ].map((row) => withForecast(row, foretell(row)));
  const of = (quota: string) => rows.find((row) => row.quota === quota)?.forecast;
  const text = renderLimits(rows, { all: false, now, usedTitle: 'in AWS' });
  return { rules: of('rules-per-application-load-balancer'), of, text };
}

test('Ask 1.3: days to full follow from when Ingresses were created, which outlives any process', () => {
  // The first day's four are how it began; three came in 30 days, and 13 places are left.
  const { rules, of, text } = table([90, 90, 90, 89.5, 20, 10, 5]);
  assert.equal(rules, 130);
  assert.match(text, /full in[^]*rules of load balancer \S+ .* 130 days +L-7EED9B64/);
  assert.equal(of('listeners-per-application-load-balancer'), 'steady');
  assert.equal(of('condition-values-per-alb-rule'), undefined);
  assert.equal(table([11, 5, 4, 3, 2, 1.5]).rules, 28);
  assert.equal(table([90, 60, 50]).rules, 'steady');
});

test('Ask 1.3: where there is no history no day is named', () => {
  for (const ages of [[1.5, 0.1], [undefined, undefined], []]) {
    const { rules, text } = table(ages);
    assert.ok(ages.length === 0 || rules === 'tooShort', String(rules));
    assert.doesNotMatch(text, /full in|days +L-/);
    assert.match(text, /Not enough history for a forecast/);
  }
});
