import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parseManifests } from '../../src/kube/manifest.ts';
import { decodeManifests, manifestProblemText, readManifests } from '../../src/kube/manifest-files.ts';

/** Reads a folder of these files; file names in problems are relative to it. */
async function read(files: Readonly<Record<string, string>>, paths: readonly string[] = ['']) {
  const folder = await mkdtemp(join(tmpdir(), 'manifests-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const { manifests, problems } = await readManifests(paths.map((path) => join(folder, path)));
    return {
      manifests,
      names: manifests.map((manifest) => `${manifest.kind} ${manifest.name}`),
      problems: problems.map((problem) => manifestProblemText(problem).replace(`${folder}/`, '')),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const service = (name: string): string => `{apiVersion: v1, kind: Service, metadata: {name: ${name}}}\n`;

test('folders are read with their subfolders in order of names, several documents and lists to a file', async () => {
  const { names, problems } = await read({
    'b.yaml': `${service('b1')}---\n# only a comment\n---\n${service('b2')}`,
    'a/deep.yml': service('a'),
    'c.json': JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } }],
    }),
    'd.yaml': 'apiVersion: networking.k8s.io/v1\nkind: IngressList\nitems: []\n',
    '.hidden.yaml': service('hidden'),
    'notes.txt': 'nothing for us',
    'empty.yaml': '',
  });
  assert.deepEqual(names, ['Service a', 'Service b1', 'Service b2', 'Deployment d']);
  assert.deepEqual(problems, []);
});

test('every mistake is reported with file, line and column, and the rest is read all the same', async () => {
  const { names, problems } = await read(
    {
      'good.yaml': service('good'),
      'syntax.yaml': `${service('first')}---\nkind: [Service\nmetadata: {}\n`,
      'shape.yaml':
        '- a\n- b\n---\nkind: Service\n---\napiVersion: v1\nkind: Service\nmetadata:\n  namespace: x\n',
      'kind.yaml': 'apiVersion: networking.k8s.io/v1\nkind: Ingres\nmetadata: {name: web}\n',
      'twice.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nmetadata: {name: b}\n',
      'kustomization.yaml': 'resources: [good.yaml]\n',
      'nothing/readme.md': '',
    },
    ['', 'nothing', 'absent.yaml'],
  );
  assert.deepEqual(names, ['Service good', 'Service first', 'Service b']);
  assert.deepEqual(
    problems.map((problem) => problem.slice(0, 90)),
    [
      'kind.yaml:2:7: unknown kind Ingres in networking.k8s.io/v1; it has Ingress, IngressClass, NetworkPolicy, IPAddress, ServiceCIDR',
      'kustomization.yaml: warning: a kustomization is not applied here; run `kubectl kustomize FOLDER > all.yaml`',
      'shape.yaml:1:1: a Kubernetes object is wanted here, with apiVersion, kind and metadata',
      'shape.yaml:4:1: a Service without an apiVersion',
      'shape.yaml:9:3: a Service without metadata.name',
      'syntax.yaml:4:1: Flow sequence in block collection must be sufficiently indented and end with a ]',
      'twice.yaml:4:1: warning: metadata is written more than once; the last one counts, as for kubectl: keep one',
      'nothing: warning: no .yaml, .yml or .json file in this folder',
      'absent.yaml: cannot be read: no such file or folder; correct the path',
    ].map((problem) => problem.slice(0, 90)),
  );
});

test('of what cannot be parsed the first mistake is told, and what is a template or has tabs with the way out', async () => {
  const { names, problems } = await read({
    'tabs.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n\tname: a\n\tlabels:\n\t\tx: y\n',
    'template.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\n',
  });
  assert.deepEqual(names, []);
  assert.deepEqual(problems, [
    'tabs.yaml:4:1: Tabs are not allowed as indentation: use spaces',
    'template.yaml:4:3: a Service without metadata.name; this is a template: give what `helm template` makes of it',
  ]);
});

test('items of a list that an API server printed have the kind of the list, and a byte order mark and CRLF are no content', () => {
  const list = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressList',
    items: [{ metadata: { name: 'web' } }],
  };
  const { manifests, problems } = parseManifests('list.json', JSON.stringify(list));
  assert.deepEqual(problems, []);
  assert.deepEqual(
    manifests.map(({ apiVersion, kind, name }) => `${apiVersion} ${kind} ${name}`),
    ['networking.k8s.io/v1 Ingress web'],
  );
  const windows = parseManifests(
    'w.yaml',
    '\ufeffapiVersion: v1\r\nkind: Service\r\nmetadata: {name: a}\r\n',
  );
  assert.deepEqual(windows.problems, []);
  assert.equal(windows.manifests[0]?.raw['apiVersion'], 'v1');
});

test('an Ingress of an API version that is gone is told what to write instead', () => {
  const { manifests } = parseManifests(
    'old.yaml',
    'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: web}\n',
  );
  const [problem] = decodeManifests(manifests).problems;
  assert.match(problem?.message ?? '', /wanted networking\.k8s\.io\/v1 .*service\.name.*pathType/);
});

test('a wrong value is reported where it is written, or at the nearest place above it', () => {
  const { manifests } = parseManifests(
    'web.yaml',
    `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    example.com/redirect: on
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: other}
spec:
  rules:
    - http:
        paths:
          - path: /
            backend: {service: {name: s, port: {number: 80}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
`,
  );
  const { objects, others, problems } = decodeManifests(manifests);
  assert.deepEqual(
    objects.map((object) => object.kind),
    ['Namespace'],
  );
  assert.deepEqual(
    others.map((other) => other.kind),
    ['Deployment'],
  );
  assert.deepEqual(problems.map(manifestProblemText), [
    'web.yaml:6:27: Ingress web: metadata.annotations[example.com/redirect] is true, wanted a string (put quotes around the value)',
    'web.yaml:15:13: Ingress other: spec.rules[0].http.paths[0].pathType is absent, wanted one of Exact, Prefix, ImplementationSpecific',
  ]);
});

test('aliases that cannot be resolved are a problem of the file, not a crash', () => {
  const { manifests, problems } = parseManifests('a.yaml', 'kind: *nowhere\n');
  assert.deepEqual(manifests, []);
  assert.match(problems.map(manifestProblemText).join('\n'), /^a\.yaml:1:\d+: .*nowhere/);
});
