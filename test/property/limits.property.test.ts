// Ask 1.2: full is not stuck. A group stands at 100 % of a limit; whatever is deleted from it, changed for something of the
// same size or put in another order arrives, with no call that AWS refuses, and what others have goes on answering.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ingress, services, yaml } from '../scenario/manifests.ts';
import { type LocalController, withController } from '../support/local-controller.ts';
import type { KnobSettings } from '../../src/simulator/aws/knobs.ts';

/** What a member asks for; `variant` is something else of the same size. */
type Want = { readonly member: number; readonly variant: number; readonly order?: number };
type Full = {
  readonly quotas: NonNullable<KnobSettings['quotas']>;
  readonly members: number;
  readonly hosts?: readonly string[];
  /** Told by `--limits-file`, where AWS has no call that tells it. */
  readonly isGiven?: true;
  readonly objects: (wants: readonly Want[], local: LocalController) => readonly object[];
  /** What AWS has of what the members want, in a form that `expected` has too. */
  readonly found: (local: LocalController) => readonly string[];
  readonly expected: (wants: readonly Want[], local: LocalController) => readonly string[];
};

const sorted = (all: readonly string[]): readonly string[] => [...new Set(all)].toSorted();
const inGroup = ({ order = 1 }: Want): Readonly<Record<string, string>> => ({
  'group.name': 'full',
  'group.order': String(order),
});
const hostOf = ({ member, variant }: Want): string => `m${member}v${variant}.example.com`;

const rules = ({ world }: LocalController) =>
  [...world.aws.state.rules.values()].filter(({ priority }) => priority !== 'default');
const hostsOf = (local: LocalController): readonly string[] =>
  rules(local).flatMap(({ conditions }) =>
    conditions.flatMap(({ HostHeaderConfig }) => HostHeaderConfig?.Values ?? []),
  );
const certificateOf = ({ world }: LocalController, host: string): string =>
  [...world.aws.state.certificates.values()].find(({ names }) => names.includes(host))?.arn ?? '';

const cases: Readonly<Record<string, Full>> = {
  rules: {
    quotas: { 'rules-per-application-load-balancer': 4 },
    members: 4,
    objects: (wants) => [
      ...services('shop', 'web'),
      ...wants.map((want) =>
        ingress(`m${want.member}`, { annotations: inGroup(want), rules: [[hostOf(want), '/', 'web']] }),
      ),
    ],
    found: hostsOf,
    expected: (wants) => wants.map(hostOf),
  },
  'target groups': {
    quotas: { 'target-groups-per-application-load-balancer': 3 },
    members: 3,
    objects: (wants) => [
      ...services('shop', ...Array.from({ length: 12 }, (_, index) => `web${index}`)),
      ...wants.map((want) =>
        ingress(`m${want.member}`, {
          annotations: inGroup(want),
          rules: [[`m${want.member}.example.com`, '/', `web${want.member + 3 * want.variant}`]],
        }),
      ),
    ],
    found: ({ world }) =>
      [...world.aws.state.targetGroups.values()].map(({ name }) => name.split('-')[2] ?? ''),
    expected: (wants) => wants.map(({ member, variant }) => `web${member + 3 * variant}`),
  },
  certificates: {
    // The first one is the default, which does not count.
    quotas: { 'certificates-per-application-load-balancer': 2 },
    members: 3,
    hosts: Array.from({ length: 12 }, (_, index) => `c${index}.example.com`),
    objects: (wants, local) => [
      ...services('shop', 'web'),
      ...wants.map((want) =>
        ingress(`m${want.member}`, {
          annotations: {
            ...inGroup(want),
            'certificate-arn': certificateOf(local, `c${want.member + 3 * want.variant}.example.com`),
          },
          rules: [[`m${want.member}.example.com`, '/', 'web']],
        }),
      ),
    ],
    found: ({ world }) =>
      [...world.aws.state.listeners.values()].flatMap(
        ({ defaultCertificateArn = '', extraCertificateArns }) => [
          defaultCertificateArn,
          ...extraCertificateArns,
        ],
      ),
    expected: (wants, local) =>
      wants.map(({ member, variant }) => certificateOf(local, `c${member + 3 * variant}.example.com`)),
  },
  targets: {
    quotas: { 'targets-per-target-group': 2, 'targets-per-application-load-balancer': 6 },
    members: 3,
    objects: (wants) => [
      ...wants.flatMap(({ member, variant }) => services('shop', `web${member}v${variant}`)),
      ...wants.map((want) =>
        ingress(`m${want.member}`, {
          annotations: inGroup(want),
          rules: [[`m${want.member}.example.com`, '/', `web${want.member}v${want.variant}`]],
        }),
      ),
    ],
    found: ({ world }) =>
      [...world.aws.state.targetGroups.values()].map(
        ({ name, targets }) => `${name.split('-')[2] ?? ''} ${targets.size}`,
      ),
    expected: (wants) => wants.map(({ member, variant }) => `web${member}v${variant} 2`),
  },
  'security-group rules': {
    quotas: { 'rules-per-security-group': 4 },
    isGiven: true,
    members: 2,
    objects: (wants) => [
      ...services('shop', 'web'),
      ...wants.map((want) =>
        ingress(`m${want.member}`, {
          annotations: {
            ...inGroup(want),
            'listen-ports': `[{"HTTP": ${8000 + want.member}}]`,
            'inbound-cidrs': `10.${want.member}.${want.variant}.0/24,10.${want.member}.1${want.variant}.0/24`,
          },
          rules: [[hostOf(want), '/', 'web']],
        }),
      ),
    ],
    found: ({ world }) =>
      [...world.aws.state.securityGroups.values()]
        .filter(({ name }) => name.startsWith('k8s-full'))
        .flatMap((one) => [...one.rules.values()])
        .flatMap(({ source, egress }) => (source.kind === 'ipv4' && !egress ? [source.cidr] : [])),
    expected: (wants) =>
      wants.flatMap(({ member, variant }) => [
        `10.${member}.${variant}.0/24`,
        `10.${member}.1${variant}.0/24`,
      ]),
  },
};

type Edit =
  | { readonly kind: 'change'; readonly member: number }
  | { readonly kind: 'changeAll' }
  /** To the end of the group. */
  | { readonly kind: 'reorder'; readonly member: number }
  | { readonly kind: 'delete'; readonly member: number }
  | { readonly kind: 'bring'; readonly member: number };

const edits = (members: number) => {
  const member = fc.nat({ max: members - 1 });
  return fc.array(
    fc.oneof(
      member.map((of): Edit => ({ kind: 'change', member: of })),
      fc.constant<Edit>({ kind: 'changeAll' }),
      member.map((of): Edit => ({ kind: 'reorder', member: of })),
      member.map((of): Edit => ({ kind: 'delete', member: of })),
      member.map((of): Edit => ({ kind: 'bring', member: of })),
    ),
    { minLength: 3, maxLength: 5 },
  );
};

/** The wants after an edit; variants grow, so that nothing is ever changed back. */
function edited(wants: readonly Want[], edit: Edit, turn: number): readonly Want[] {
  const variant = 1 + (turn % 3);
  const change = (want: Want): Want => ({ ...want, variant });
  switch (edit.kind) {
    case 'change':
      return wants.map((want) => (want.member === edit.member ? change(want) : want));
    case 'changeAll':
      return wants.map(change);
    case 'reorder':
      return wants.map((want) => (want.member === edit.member ? { ...want, order: 2 + turn } : want));
    case 'delete':
      return wants.length === 1 ? wants : wants.filter(({ member }) => member !== edit.member);
    case 'bring':
      return wants.some(({ member }) => member === edit.member)
        ? wants
        : [...wants, { member: edit.member, variant }];
  }
}

async function play(
  full: Full,
  all: readonly Edit[],
  flags: Readonly<Record<string, string>>,
): Promise<void> {
  const knobs = { quotas: full.quotas };
  await withController({ knobs, flags, hosts: full.hosts ?? [] }, async (local) => {
    let wants: readonly Want[] = Array.from({ length: full.members }, (_, member) => ({
      member,
      variant: 0,
    }));
    await local.apply(yaml(...full.objects(wants, local)));
    assert.deepEqual(sorted(full.found(local)), sorted(full.expected(wants, local)));
    for (const [turn, edit] of all.entries()) {
      const before = full.objects(wants, local);
      const next = edited(wants, edit, turn);
      const after = full.objects(next, local);
      const mark = local.world.aws.trace.mark;
      const gone = wants.filter(({ member }) => !next.some((want) => want.member === member));
      const names = new Set(gone.map(({ member }) => `m${member}`));
      const leaving = (before as readonly { readonly metadata: { readonly name: string } }[]).filter(
        ({ metadata }) => names.has(metadata.name),
      );
      if (leaving.length > 0) await local.remove(yaml(...leaving));
      await local.apply(yaml(...after));
      wants = next;
      const refused = local.world.aws.trace
        .entries(mark)
        .filter(({ errorCode }) => errorCode !== undefined)
        .map(({ operation, errorCode }) => `${operation}: ${errorCode}`);
      assert.deepEqual(refused, [], JSON.stringify(edit));
      assert.deepEqual(sorted(full.found(local)), sorted(full.expected(wants, local)), JSON.stringify(edit));
    }
  });
}

describe('Ask 1.2: full is not stuck', { concurrency: 5 }, () => {
  for (const [name, full] of Object.entries(cases)) {
    test(`Ask 1.2: at 100 % of ${name} every delete, every change of the same size and every other order arrives`, async (context) => {
      const folder = mkdtempSync(join(tmpdir(), 'albatross-full-'));
      context.after(() => rmSync(folder, { recursive: true, force: true }));
      const file = join(folder, 'limits.yaml');
      writeFileSync(file, JSON.stringify(full.quotas));
      const flags = full.isGiven === true ? { 'limits-file': file } : {};
      await fc.assert(
        fc.asyncProperty(edits(full.members), (all) => play(full, all, flags)),
        { numRuns: 3, endOnFailure: true },
      );
    });
  }
});
