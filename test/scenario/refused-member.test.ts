import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withController } from '../support/local-controller.ts';

const service = `
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
`;

const ingress = (name: string, order: number, path = '/') => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  namespace: shop
  name: ${name}
  annotations:
    alb.ingress.kubernetes.io/group.name: shared
    alb.ingress.kubernetes.io/group.order: "${order}"
    alb.ingress.kubernetes.io/target-type: ip
spec:
  ingressClassName: alb
  rules:
    - host: ${name}.example.com
      http:
        paths: [{path: ${path}, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]
`;

test('Ask 2.1: a member whose rule AWS turns down is held, and its neighbours behind it in the order of operations get theirs', () =>
  withController(
    { before: [service, ingress('first', 1)].join('---') },
    async ({ world, apply, request, events, rest }) => {
      await rest();
      world.aws.faults.add({
        operation: 'CreateRule',
        when: ({ params }) => JSON.stringify(params).includes('bad.example.com'),
        action: { kind: 'fail', status: 400, code: 'ValidationError', message: 'the condition is not valid' },
      });
      await apply([ingress('bad', 2), ingress('good', 3)].join('---'));
      assert.equal((await request('http://first.example.com/')).status, 200);
      assert.equal((await request('http://good.example.com/')).status, 200);
      assert.equal((await request('http://bad.example.com/')).status, 404);
      assert.match(
        events('Ingress', 'shop/bad').join('\n'),
        /the condition is not valid \(ValidationError\)/,
      );
      assert.doesNotMatch(events('Ingress', 'shop/good').join('\n'), /not valid/);
      world.aws.faults.clear();
      await apply(ingress('bad', 2, '/other'));
      assert.equal((await request('http://bad.example.com/other')).status, 200);
    },
  ));
