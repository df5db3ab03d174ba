// Manifests as people have them: written for another account, with shapes that ALBC takes. The sandbox makes of them what
// ALBC makes.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runSandbox } from '../../src/sandbox/sandbox.ts';
import { createLog } from '../../src/telemetry/log.ts';

type State = {
  readonly loadBalancers: readonly {
    readonly name: string;
    readonly subnets: readonly string[];
    readonly securityGroups: readonly string[];
    readonly listeners: readonly {
      readonly endpoint: string;
      readonly certificates: readonly string[];
      readonly rules: readonly {
        readonly priority: number | 'default';
        readonly actions: readonly { Type: string }[];
      }[];
    }[];
  }[];
};

async function sandbox(manifests: string, compatibility: 'none' | 'albc') {
  const folder = await mkdtemp(join(tmpdir(), 'given-'));
  const printed: string[] = [];
  try {
    await writeFile(join(folder, 'all.yaml'), manifests);
    const { isGood, state } = await runSandbox({
      paths: [folder],
      flags: new Map([['compatibility', compatibility]]),
      once: true,
      kubeconfigPath: join(folder, 'kubeconfig'),
      log: createLog('silent'),
      print: (line) => void printed.push(line),
      signal: new AbortController().signal,
    });
    return { isGood, state: state as State, printed: printed.join('\n') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** `HTTPS:443 forward forward fixed-response` for each listener of the load balancer. */
function listeners({ loadBalancers }: State, name: string): readonly string[] {
  const found = loadBalancers.find((one) => one.name.includes(name));
  return (found?.listeners ?? []).map(({ endpoint, rules }) =>
    [endpoint, ...rules.map(({ actions }) => actions.map(({ Type }) => Type).join('+'))].join(' '),
  );
}

const backend = (name: string, port: string) => `{service: {name: ${name}, port: ${port}}}`;
const path = (written: string, type: string, to: string) =>
  `{path: ${written}, pathType: ${type}, backend: ${to}}`;
const certificate = 'arn:aws:acm:eu-west-1:111122223333:certificate/0b5b6d6e-0000-4000-8000-000000000001';

const account = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: redirected
  annotations:
    kubernetes.io/ingress.class: alb
    alb.ingress.kubernetes.io/scheme : internet-facing
    alb.ingress.kubernetes.io/listen-ports: |
      [
        {"HTTP": 80},
        {"HTTPS": 443}
      ]
    alb.ingress.kubernetes.io/certificate-arn: ${certificate}
    alb.ingress.kubernetes.io/subnets: team-public-1, team-public-2,team-public-3
    alb.ingress.kubernetes.io/security-groups: sg-0123456789abcdef0,team-clients
    alb.ingress.kubernetes.io/wafv2-acl-arn: arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/edge/1
    alb.ingress.kubernetes.io/auth-type: oidc
    alb.ingress.kubernetes.io/auth-idp-oidc: >-
      {"Issuer": "https://id.example.com", "AuthorizationEndpoint": "https://id.example.com/a",
       "TokenEndpoint": "https://id.example.com/t", "UserInfoEndpoint": "https://id.example.com/u",
       "SecretName": "sign-in"}
    alb.ingress.kubernetes.io/actions.to-https: '{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}'
    alb.ingress.kubernetes.io/actions.theirs: '{"type": "forward", "targetGroupName": "legacy"}'
spec:
  rules:
    - host: app.example.com
      http:
        paths:
          - ${path('/*', 'ImplementationSpecific', backend('to-https', '{name: use-annotation}'))}
          - ${path('/old/*', 'ImplementationSpecific', backend('theirs', '{name: use-annotation}'))}
          - ${path('/*', 'ImplementationSpecific', backend('web', '{number: 80}'))}
---
apiVersion: example.com/v1
kind: Route
metadata: {name: not-ours}
`;

test('what the manifests of another account name stands in, and the load balancer is the one that ALBC makes', async () => {
  const { isGood, state, printed } = await sandbox(account, 'albc');
  assert.equal(isGood, true, printed);
  // They are made side by side.
  assert.deepEqual(listeners(state, 'redirect').toSorted(), [
    'HTTP:80 redirect fixed-response',
    'HTTPS:443 authenticate-oidc+forward authenticate-oidc+forward fixed-response',
  ]);
  const [balancer] = state.loadBalancers;
  assert.equal(balancer?.subnets.length, 3);
  assert.equal(balancer.securityGroups[0], 'sg-0123456789abcdef0');
  const certificates = balancer.listeners.flatMap((listener) => listener.certificates.slice(0, 1));
  assert.deepEqual(certificates, [certificate]);
  assert.match(printed, /^Left out {2}Route not-ours:/m);
  for (const stood of [
    'Secret default/sign-in',
    'subnet team-public-2',
    'target group legacy',
    'web ACL arn:',
  ])
    assert.ok(printed.includes(`Stand-in  ${stood}`), stood);
});

const grpc = (ports: string) => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ledger
  annotations:
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/backend-protocol-version: GRPC
    alb.ingress.kubernetes.io/listen-ports: '${ports}'
spec:
  ingressClassName: alb
  rules: [{host: ledger.example.com, http: {paths: [${path('/', 'Prefix', backend('ledger', '{number: 50051}'))}]}}]
`;

test('ANN-39: gRPC behind an HTTP listener is held before anything is made; the preset leaves it to AWS', async () => {
  const held = await sandbox(grpc('[{"HTTP": 80}, {"HTTPS": 443}]'), 'none');
  assert.equal(held.isGood, false);
  assert.deepEqual(held.state.loadBalancers, []);
  assert.match(
    held.printed,
    /backend-protocol-version is "GRPC" for Service default\/ledger, and HTTP listener 80 sends/,
  );
  const left = await sandbox(grpc('[{"HTTP": 80}, {"HTTPS": 443}]'), 'albc');
  assert.match(
    left.printed,
    /Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'/,
  );
  const good = await sandbox(grpc('[{"HTTPS": 443}]'), 'none');
  assert.deepEqual(listeners(good.state, 'ledger'), ['HTTPS:443 forward fixed-response']);
});

test('CLS-01: the sandbox says why an Ingress is not served, and an Ingress of ours without a load balancer is no success', async () => {
  const foreign = await sandbox(account, 'none');
  assert.match(
    foreign.printed,
    /Ingress default\/redirected: no load balancer; its annotation kubernetes\.io\/ingress\.class: alb/,
  );
  const broken = account.replace('internet-facing', 'everywhere');
  const { isGood, printed } = await sandbox(broken, 'albc');
  assert.equal(isGood, false);
  assert.match(printed, /Ingress default\/redirected: no load balancer$/m);
});
