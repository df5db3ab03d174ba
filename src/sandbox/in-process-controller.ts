import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { loadConfig, renderMistakes } from '../config/load.ts';
import type { CoreConfig } from '../core/domain/config.ts';
import type { AuditScope } from '../engine/audit.ts';
import type { Engine } from '../engine/engine.ts';
import { runController } from '../main.ts';
import type { Log } from '../telemetry/log.ts';

export type InProcessController = {
  /** What it decides by. */
  readonly config: CoreConfig;
  /** Resolves when nothing is being worked on and nothing will be within `aheadMs`. Rejects when the controller ended. */
  rest(aheadMs?: number): Promise<void>;
  /** Reads everything in AWS again, as the audit would within its interval. */
  audit(scope?: AuditScope): Promise<void>;
  /** Ends the controller in order and removes its kubeconfig. */
  stop(): Promise<void>;
};

export type InProcessOptions = {
  /** Text of each flag by its name without dashes; those that the local world decides are added. */
  readonly flags: ReadonlyMap<string, string>;
  /** The text of a kubeconfig, or the path of one with `kubeconfig` among the flags. */
  readonly kubeconfig: string | undefined;
  readonly log: Log;
  /** Absent: the SDK's chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** False: calls are not kept below AWS's limits. */
  readonly rationed?: boolean;
};

/** A pass of a busy loop looks this often whether it is over. */
const pollMs = 15;
/** The engine may learn of a change only after the API server's answer; two quiet looks in a row are rest. */
const quietLooks = 3;
/** Events are written behind the work's back; an API server that takes none must not keep anybody waiting. */
const eventsPatienceMs = 1000;

/**
 * Runs the controller in this process against local servers, with the same options and the same code as `albatross run`.
 * Throws with every mistake in the flags at once.
 */
export async function startInProcess(options: InProcessOptions): Promise<InProcessController> {
  const folder = mkdtempSync(join(tmpdir(), 'albatross-'));
  const flags = new Map([
    ['enable-leader-election', 'false'],
    ['metrics-bind-addr', '127.0.0.1:0'],
    ['health-probe-bind-addr', '127.0.0.1:0'],
    ...options.flags,
  ]);
  if (options.kubeconfig !== undefined) {
    const path = join(folder, 'kubeconfig');
    writeFileSync(path, options.kubeconfig);
    flags.set('kubeconfig', path);
  }
  const loaded = loadConfig({ flags, env: {} });
  if (loaded.kind === 'mistakes') {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(renderMistakes(loaded.mistakes));
  }
  const stopping = new AbortController();
  let engine: Engine | undefined;
  let eventsWritten = async (): Promise<void> => undefined;
  const { credentials, log, rationed = true } = options;
  const running = runController({
    config: loaded.config,
    log,
    signal: stopping.signal,
    rationed,
    ...(credentials && { credentials }),
    onEngine: (started, events) => {
      engine = started;
      eventsWritten = () =>
        Promise.race([events.drained(), setTimeout(eventsPatienceMs, undefined, { ref: false })]);
    },
  });
  let ended: { readonly error: unknown } | undefined;
  running.catch((error: unknown) => {
    ended = { error };
  });
  return {
    config: loaded.config.core,
    rest: async (aheadMs = 1500) => {
      let quiet = 0;
      while (quiet < quietLooks) {
        await setTimeout(pollMs);
        await eventsWritten();
        if (ended !== undefined) throw ended.error;
        quiet = engine !== undefined && engine.busy(aheadMs) === 0 ? quiet + 1 : 0;
      }
    },
    audit: async (scope) => engine?.auditNow(scope),
    stop: async () => {
      stopping.abort();
      await running.catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
