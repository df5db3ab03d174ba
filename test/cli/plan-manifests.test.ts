import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { planFiles } from '../../src/cli/plan-files.ts';
import { hasErrors, renderPlans } from '../../src/cli/plan-output.ts';
import { policies } from '../../src/core/domain/config.ts';
import { coreConfig } from '../support/core-config.ts';

/** What people are told of these manifests, without a cluster. */
async function told(manifests: string, compatibility: 'none' | 'albc' = 'none') {
  const folder = await mkdtemp(join(tmpdir(), 'plan-'));
  try {
    const file = join(folder, 'all.yaml');
    await writeFile(file, manifests);
    const config = coreConfig({ policy: policies[compatibility] });
    const planned = await planFiles([file], { config, factsFile: undefined });
    return { text: renderPlans(planned).replaceAll(`${folder}/`, ''), isBroken: hasErrors(planned) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const canary = (service: string, weight: number) =>
  `{"ServiceName": "${service}", "ServicePort": "80", "Weight": ${weight}}`;
const nodePortService = (name: string) =>
  `{apiVersion: v1, kind: Service, metadata: {name: ${name}}, spec: {type: NodePort, ports: [{port: 80}]}}`;

test('Services whose node ports the cluster would choose are planned, each with a port of its own', async () => {
  const { text, isBroken } = await told(`
${nodePortService('arm')}
---
${nodePortService('amd')}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: split
  annotations:
    alb.ingress.kubernetes.io/actions.both: |
      {"Type": "forward", "ForwardConfig": {"TargetGroups": [${canary('arm', 1)}, ${canary('amd', 1)}]}}
    alb.ingress.kubernetes.io/transforms.both: |
      [{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": "^/app/(.*)$", "replace": "/$1"}]}}]
spec:
  ingressClassName: alb
  rules: [{http: {paths: [{path: /app, pathType: Prefix, backend: {service: {name: both, port: {name: use-annotation}}}}]}}]
`);
  assert.equal(isBroken, false, text);
  assert.match(text, /instance targets, HTTP 30000\b[\s\S]*|instance targets, HTTP 30001\b/);
  assert.match(text, /path \/app \| \/app\/\* → url-rewrite \/\^\/app\/\(\.\*\)\$\/ by \/\$1, then k8s-/);
  assert.match(text, /Services get node ports from the cluster; the ones in this plan are made up/);
});

test('an Ingress of somebody else and a repeated annotation are notices, and nothing is wrong with the files', async () => {
  const manifests = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    kubernetes.io/ingress.class: alb
    alb.ingress.kubernetes.io/target-group-attributes: slow_start.duration_seconds=30
    alb.ingress.kubernetes.io/target-group-attributes: deregistration_delay.timeout_seconds=30
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
`;
  const { text, isBroken } = await told(manifests);
  assert.equal(isBroken, false);
  assert.match(
    text,
    /all\.yaml:9:5: warning: alb\.ingress\.kubernetes\.io\/target-group-attributes is written more than once/,
  );
  assert.match(
    text,
    /Ingress default\/web is not ours: its annotation kubernetes\.io\/ingress\.class: alb is read with/,
  );
  assert.match((await told(manifests, 'albc')).text, /create listener k8s-default-web-.*fixed 503/);
});
