import type { MutualAuthenticationIntent } from '../domain/group-model.ts';
import { flag, int32, jsonOf, jsonRefused, list, optional, record, text } from './decode.ts';
import { portRefused } from './listen-ports.ts';
import { type Parsed, parsed, refusedAs } from './parsed.ts';

type Entry = {
  readonly port: number;
  readonly mode: string;
  readonly trustStore: string | undefined;
  readonly ignoreClientCertificateExpiry: boolean | undefined;
  readonly advertiseTrustStoreCaNames: string | undefined;
};

const parse = jsonOf(
  list(
    record<Entry>('MutualAuthenticationConfig', {
      port: int32,
      mode: text,
      trustStore: optional(text),
      ignoreClientCertificateExpiry: optional(flag),
      advertiseTrustStoreCaNames: optional(text),
    }),
  ),
);

type Settings = ReadonlyMap<number, MutualAuthenticationIntent>;
type Fault = Parsed<never>;

/** `[{"port": 443, "mode": "verify", "trustStore": "clients"}]` by port; stops at the first fault, as ALBC does (albc-behaviour §1.4). */
export function parseMutualAuthentication(source: string): Parsed<Settings> {
  const from = 'mutualAuthentication configuration from ingress annotation';
  const result = parse(source);
  if (!result.ok) return jsonRefused(result, `failed to parse ${from}: \`${source}\``);
  if (result.value.length === 0) return refusedAs(`empty ${from}: \`${source}\``, 'which has no entry');
  const settings = new Map<number, MutualAuthenticationIntent>();
  for (const entry of result.value) {
    const fault = portRefused(entry.port) ?? modeFault(entry) ?? trustFault(entry) ?? advertiseFault(entry);
    if (fault !== undefined) return fault;
    settings.set(entry.port, intentOf(entry));
  }
  return parsed(settings);
}

function modeFault({ mode, port }: Entry): Fault | undefined {
  if (mode === '') {
    return refusedAs(
      `mutualAuthentication mode cannot be empty for port ${port}`,
      `where the entry for port ${port} has no mode`,
    );
  }
  if (['off', 'passthrough', 'verify'].includes(mode)) return undefined;
  return refusedAs(
    `mutualAuthentication mode value must be among [off, passthrough, verify] for port ${port} : ${mode}`,
    `where the mode "${mode}" of port ${port} is unknown`,
  );
}

function trustFault({ mode, port, trustStore, ignoreClientCertificateExpiry }: Entry): Fault | undefined {
  const hasStore = trustStore !== undefined && trustStore !== '';
  if (mode === 'verify' && !hasStore) {
    return refusedAs(
      `trustStore is required when mutualAuthentication mode is verify for port ${port}`,
      `where port ${port} has the mode verify and no trustStore`,
    );
  }
  if (mode !== 'verify' && hasStore) return onlyForVerify('trustStore', 'trustStore', { mode, port });
  if (mode === 'verify' || ignoreClientCertificateExpiry === undefined) return undefined;
  return onlyForVerify('ignoreClientCertificateExpiry', 'ignoring client certificate expiry', { mode, port });
}

function advertiseFault({ mode, port, advertiseTrustStoreCaNames: advertise }: Entry): Fault | undefined {
  if (advertise === undefined) return undefined;
  if (mode !== 'verify') {
    return onlyForVerify('advertiseTrustStoreCaNames', 'advertiseTrustStoreCaNames', { mode, port });
  }
  if (advertise === 'on' || advertise === 'off') return undefined;
  return refusedAs(
    `advertiseTrustStoreCaNames only supports the values "on" and "off" got value ${advertise} for port ${port}`,
    `where advertiseTrustStoreCaNames of port ${port} is "${advertise}" instead of on or off`,
  );
}

function onlyForVerify(field: string, albcField: string, at: { mode: string; port: number }): Fault {
  return refusedAs(
    `Mutual Authentication mode ${at.mode} does not support ${albcField} for port ${at.port}`,
    `where port ${at.port} has ${field}, which goes only with the mode verify`,
  );
}

function intentOf(entry: Entry): MutualAuthenticationIntent {
  // Checked before: the mode is one of the three.
  const mode = entry.mode as MutualAuthenticationIntent['mode'];
  if (mode !== 'verify') {
    return {
      mode,
      trustStore: undefined,
      ignoreClientCertificateExpiry: undefined,
      advertiseTrustStoreCaNames: undefined,
    };
  }
  return {
    mode,
    trustStore: entry.trustStore,
    ignoreClientCertificateExpiry: entry.ignoreClientCertificateExpiry ?? false,
    advertiseTrustStoreCaNames: entry.advertiseTrustStoreCaNames === 'on' ? 'on' : 'off',
  };
}
