import { ListHostedZonesCommand } from '@aws-sdk/client-route-53';
import { allPages } from '../batches.ts';
import { Cached } from '../cached.ts';
import type { AwsContext, Signalled } from '../context.ts';

/** `id` without `/hostedzone/`, `name` without the dot at its end. */
export type HostedZone = { readonly id: string; readonly name: string };

export type HostedZones = (options: Signalled) => Promise<readonly HostedZone[]>;

const ttlMs = 5 * 60_000;

/** The account's public zones, as ALBC keeps them (albc-behaviour §8.2): in private ones Amazon sees nothing. */
export function hostedZones(
  { calls, clock }: Pick<AwsContext, 'calls' | 'clock'>,
  { signal }: Signalled,
): HostedZones {
  const load = async (): Promise<readonly HostedZone[]> => {
    const zones = await allPages(async (Marker) => {
      const answer = await calls.route53(new ListHostedZonesCommand({ Marker }), { signal });
      return { items: answer.HostedZones, next: answer.NextMarker };
    });
    return zones
      .filter(({ Config }) => Config?.PrivateZone !== true)
      .map(({ Id = '', Name = '' }) => ({
        id: Id.replace('/hostedzone/', ''),
        name: Name.replace(/\.$/, ''),
      }));
  };
  const cached = new Cached({ clock, ttlMs, load });
  return (options) => cached.get(options);
}

/** The zone that answers for a name: the one with the longest name above it. */
export function zoneOf(name: string, zones: readonly HostedZone[]): HostedZone | undefined {
  const plain = name.replace(/^\*\./, '').replace(/\.$/, '').toLowerCase();
  return zones
    .filter((zone) => plain === zone.name || plain.endsWith(`.${zone.name}`))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
}
