import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

function limits(...args: readonly string[]): { readonly code: number | null; readonly out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'limits', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
  });
  return { code: status, out: stdout + stderr };
}

const ingress = (name: string, hosts: number): string => `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: web, annotations: { alb.ingress.kubernetes.io/group.name: shop } }
spec:
  ingressClassName: alb
  rules:
${Array.from({ length: hosts }, (_, index) => `  - { host: ${name}${index}.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: front, port: { number: 80 } } } }] } }`).join('\n')}
---
apiVersion: v1
kind: Service
metadata: { name: front, namespace: web }
spec: { type: NodePort, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] }
`;

test('Ask 1.3: limits counts manifests alone, shows what more of them would do, and fails when they do not fit', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'albatross-limits-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const first = file('first.yaml', ingress('first', 2));
  const second = file('second.yaml', ingress('second', 2));
  const given = `--limits-file=${file('limits.yaml', 'rules-per-application-load-balancer: 3\n')}`;
  const fits = limits('-f', first, given);
  assert.equal(fits.code, 0, fits.out);
  assert.match(fits.out, /rules of load balancer \S+ +2 +3 +66 % +L-7EED9B64 +--limits-file\n/);
  const more = limits('-f', first, '--what-if', second);
  assert.equal(more.code, 0, more.out);
  assert.match(more.out, /before +wanted[^]*rules of load balancer \S+ +2 +4 +100 /);
  const full = limits('-f', first, '--what-if', second, given);
  assert.equal(full.code, 1, full.out);
  assert.match(full.out, /Does not fit:\n {2}Ingress web\/second needs 2 more rules; 2 of 3 are in use/);
  assert.match(full.out, /request-service-quota-increase .*--quota-code L-7EED9B64 --desired-value 4\n/);
  const json = JSON.parse(limits('-f', first, '--json', given).out) as {
    readonly limits: readonly { readonly quota: string; readonly wanted: number; readonly source: string }[];
  };
  const rules = json.limits.find(({ quota }) => quota === 'rules-per-application-load-balancer');
  assert.deepEqual([rules?.wanted, rules?.source], [2, 'override']);
  const wrong = limits('-f', first, `--limits-file=${file('wrong.yaml', 'rules-per-load-balancer: 3\n')}`);
  assert.equal(wrong.code, 2);
  assert.match(wrong.out, /--limits-file .* names “rules-per-load-balancer”, which is no quota/);
});
