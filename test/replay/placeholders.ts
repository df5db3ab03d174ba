import type { AwsState } from '../../src/simulator/aws/state.ts';

/** Of what a world or a step makes. */
const kinds = /^(?:(?:subnet|sg|cert|waf|tg|truststore|eip|instance|eni|lb|listener|rule)\/|vpc$|igw$)/;

/** Both directions between the names of a recording, such as `$(subnet/public-a)`, and the ids of this account. */
export class Placeholders {
  readonly #names: Map<string, string>;
  readonly #state: AwsState;
  /** What was made so far, by id: a status may still name what is gone. */
  readonly #known = new Map<string, string>();

  /** `names`: the id of each name of the seeded world. */
  constructor(names: ReadonlyMap<string, string>, state: AwsState) {
    this.#names = new Map(names);
    this.#state = state;
  }

  add(name: string, id: string): void {
    this.#names.set(name, id);
  }

  /** The id behind a name; throws for a name that nothing has. */
  id(name: string): string {
    const id = this.#names.get(name) ?? this.#created().find(([, created]) => created === name)?.[0];
    if (id === undefined) throw new Error(`nothing is called $(${name})`);
    return id;
  }

  /** A text of a recording with ids in the place of names. Names that are for results only stay. */
  toIds(text: string): string {
    return text.replace(/\$\(([^()\s]+)\)/g, (whole, name: string) => {
      const ipv6 = /^ipv6\/(\d+)$/.exec(name);
      if (ipv6 !== null) return `2600:1f14:aaaa:bb${Number(ipv6[1]).toString(16).padStart(2, '0')}::/64`;
      return this.#names.get(name) ?? (kinds.test(name) ? this.id(name) : whole);
    });
  }

  /** What turns texts of this account, as it is now, into texts with names in the place of ids and of what cannot be compared. */
  namer(): (text: string) => string {
    const all = this.#all();
    return (text) => {
      let result = text;
      for (const [id, name] of all) result = result.replaceAll(id, `$(${name})`);
      return withoutChance(result);
    };
  }

  /** Longest first, so that no id that is part of another one is replaced inside it. */
  #all(): readonly (readonly [string, string])[] {
    const seeded = [...this.#names].map(([name, id]) => [id, name] as const);
    for (const [id, name] of this.#created()) this.#known.set(id, name);
    return [...this.#known, ...seeded].toSorted(([a], [b]) => b.length - a.length);
  }

  /** What was made since the seed, by AWS name. */
  #created(): readonly (readonly [string, string])[] {
    const { loadBalancers, targetGroups, securityGroups, listeners, rules, certificates, tags } = this.#state;
    const resourceOf = (arn: string) => tags.get(arn)?.current.get('ingress.k8s.aws/resource');
    const seeded = new Set(this.#names.values());
    const nameOf = (arn: string) => loadBalancers.get(arn)?.name ?? '';
    return [
      ...[...loadBalancers.values()].flatMap(({ arn, name, dnsName }) => [
        [arn, `lb/${name}`] as const,
        [dnsName, `dns/${name}`] as const,
        [dnsName.toLowerCase(), `dns/${name}`] as const,
      ]),
      ...[...targetGroups.values()].map(({ arn, name }) => [arn, `tg/${name}`] as const),
      ...[...securityGroups.values()].map(({ id, name }) => [id, `sg/${name}`] as const),
      ...[...certificates.keys()].map((arn) => [arn, `cert/created/${resourceOf(arn)}`] as const),
      ...[...listeners.values()].map(
        ({ arn, loadBalancerArn, port }) => [arn, `listener/${nameOf(loadBalancerArn)}/${port}`] as const,
      ),
      ...[...rules.values()].map(({ arn, listenerArn, priority }) => {
        const listener = listeners.get(listenerArn);
        return [
          arn,
          `rule/${nameOf(listener?.loadBalancerArn ?? '')}/${listener?.port}/${priority}`,
        ] as const;
      }),
    ].filter(([id]) => !seeded.has(id));
  }
}

/** Request ids, AWS's own words and addresses in Go's memory, as a recording has them. */
function withoutChance(text: string): string {
  return text
    .replace(/RequestID: [^,]*,/g, 'RequestID: $(requestId),')
    .replace(/(api error [\w.]+|RequestID: \$\(requestId\), \w+): .*$/s, '$1: $(awsMessage)')
    .replaceAll('0xc000000000', '$(pointer)');
}
